import { z } from 'zod';

/** A property that changes nothing locally: tags, logging, tracing, encryption, billing and their like. */
export const withoutEffect = z.unknown().optional();

/** CloudFormation takes numbers and booleans also as text. */
export const number = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .transform(Number),
]);
export const boolean = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

/** A policy or pattern: any JSON object. */
export const object = z.record(z.string(), z.unknown());
export const arn = z.templateLiteral(['arn:', z.string()]);
