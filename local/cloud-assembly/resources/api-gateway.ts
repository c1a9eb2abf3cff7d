import { z } from 'zod';
import { resourceType } from '../resource-type';
import { boolean, number, withoutEffect } from './without-effect';

const limits = z.strictObject({ ThrottlingBurstLimit: number, ThrottlingRateLimit: number });
const throttle = (of: z.output<typeof limits>) => ({
  rateLimit: of.ThrottlingRateLimit,
  burstLimit: of.ThrottlingBurstLimit,
});

/** HTTP APIs whose callers IAM knows, or whose functions know them themselves, with Lambda functions behind their routes. */
export const API_GATEWAY_TYPES = {
  'AWS::ApiGatewayV2::Api': resourceType({
    properties: z.strictObject({
      Name: z.string(),
      ProtocolType: z.literal('HTTP'),
      Description: withoutEffect,
      Tags: withoutEffect,
    }),
    async create({ Name }, { httpApis }) {
      const { api, endpoint } = await httpApis.create(Name);
      return { ref: api.id, attributes: { ApiId: api.id, ApiEndpoint: endpoint } };
    },
  }),

  'AWS::ApiGatewayV2::Integration': resourceType({
    properties: z.strictObject({
      ApiId: z.string(),
      IntegrationType: z.literal('AWS_PROXY'),
      IntegrationUri: z.string().regex(/^arn:aws:lambda:/, "must be a Lambda function's ARN"),
      PayloadFormatVersion: z.literal('2.0'),
      Description: withoutEffect,
    }),
    create({ ApiId, IntegrationUri }, { httpApis }, logicalId) {
      httpApis.get(ApiId).integrations.set(logicalId, IntegrationUri);
      return { ref: logicalId, attributes: { IntegrationId: logicalId } };
    },
  }),

  'AWS::ApiGatewayV2::Route': resourceType({
    properties: z.strictObject({
      ApiId: z.string(),
      RouteKey: z.string(),
      AuthorizationType: z.enum(['AWS_IAM', 'NONE']).default('NONE'),
      Target: z.string().regex(/^integrations\//, 'must be integrations/<id>'),
    }),
    create({ ApiId, RouteKey, Target, AuthorizationType }, { httpApis }, logicalId) {
      httpApis.get(ApiId).addRoute(RouteKey, Target.slice('integrations/'.length), AuthorizationType);
      return { ref: logicalId, attributes: { RouteId: logicalId } };
    },
  }),

  'AWS::ApiGatewayV2::Stage': resourceType({
    properties: z.strictObject({
      ApiId: z.string(),
      /** Another one would be part of every path. */
      StageName: z.literal('$default'),
      AutoDeploy: boolean.pipe(z.literal(true)),
      DefaultRouteSettings: limits.optional(),
      /** By route key. */
      RouteSettings: z.record(z.string(), limits).default({}),
      AccessLogSettings: withoutEffect,
      Description: withoutEffect,
      Tags: withoutEffect,
    }),
    create({ ApiId, StageName, DefaultRouteSettings: usual, RouteSettings }, { httpApis }) {
      const api = httpApis.get(ApiId);
      api.stage = {
        name: StageName,
        ...(usual && { throttle: throttle(usual) }),
        routeThrottles: new Map(
          Object.entries(RouteSettings).map(([key, own]) => [api.routeOf(key).routeKey, throttle(own)]),
        ),
      };
      return { ref: StageName };
    },
  }),
};
