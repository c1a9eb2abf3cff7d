import { z } from 'zod';
import { resourceType } from '../resource-type';
import { boolean, number, withoutEffect } from './without-effect';

/** HTTP APIs whose callers IAM knows, with Lambda functions behind their routes. */
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
      AuthorizationType: z.literal('AWS_IAM'),
      Target: z.string().regex(/^integrations\//, 'must be integrations/<id>'),
    }),
    create({ ApiId, RouteKey, Target }, { httpApis }, logicalId) {
      httpApis.get(ApiId).addRoute(RouteKey, Target.slice('integrations/'.length));
      return { ref: logicalId, attributes: { RouteId: logicalId } };
    },
  }),

  'AWS::ApiGatewayV2::Stage': resourceType({
    properties: z.strictObject({
      ApiId: z.string(),
      /** Another one would be part of every path. */
      StageName: z.literal('$default'),
      AutoDeploy: boolean.pipe(z.literal(true)),
      DefaultRouteSettings: z.strictObject({ ThrottlingBurstLimit: number, ThrottlingRateLimit: number }).optional(),
      AccessLogSettings: withoutEffect,
      Description: withoutEffect,
      Tags: withoutEffect,
    }),
    create({ ApiId, StageName, DefaultRouteSettings: limits }, { httpApis }) {
      httpApis.get(ApiId).stage = {
        name: StageName,
        ...(limits && { throttle: { rateLimit: limits.ThrottlingRateLimit, burstLimit: limits.ThrottlingBurstLimit } }),
      };
      return { ref: StageName };
    },
  }),
};
