import { DEPENDENT_ACTIONS } from '../iam/dependent-actions';
import type { Iam } from '../iam/iam';
import type { CallInterceptor } from '../interceptors';
import { Clock } from '../clock';
import type { Usage } from '../usage';
import type { AwsAction, AwsCall, AwsDoor, AwsOutput, AwsService, Permission } from './aws-call';
import { AwsError } from './aws-call';
import { unknownService } from './api-model';
import { accessDenied } from './access-denied';

/**
 * The one door to all services. Calls of the app (under a role or as a service) are checked against IAM, counted and passed through
 * the interceptors; those of a user (the CLI, a test's own client, the deployment) are simply run.
 */
export class Door implements AwsDoor {
  private readonly services = new Map<string, AwsService>();
  private readonly interceptors: CallInterceptor[] = [];

  constructor(
    private readonly iam: Iam,
    private readonly usage: Usage,
    private readonly clock: Clock = new Clock(),
  ) {}

  register(service: AwsService): void {
    if (this.services.has(service.name)) throw new Error(`The service ${service.name} is registered twice.`);
    this.services.set(service.name, service);
  }

  /** The first one added is the outermost. */
  intercept(interceptor: CallInterceptor): void {
    this.interceptors.push(interceptor);
  }

  call(call: AwsCall): Promise<AwsOutput> {
    return this.clock.during(this.answer(call));
  }

  private async answer(call: AwsCall): Promise<AwsOutput> {
    const action = this.find(call.service, call.action);
    if (call.caller.principal === 'user') return action.run(call.input, call.caller);

    this.authorize(call, action);
    const counted = `${call.service}:${call.action}`;
    this.usage.apiCalls[counted] = (this.usage.apiCalls[counted] ?? 0) + 1;
    const run = () => action.run(call.input, call.caller);
    return this.interceptors.reduceRight<() => Promise<AwsOutput>>(
      (next, interceptor) => () => interceptor(call, next),
      run,
    )();
  }

  /** In the order in which they were registered. */
  async stop(): Promise<void> {
    for (const service of this.services.values()) await service.stop?.();
  }

  private find(serviceName: string, actionName: string): AwsAction {
    const service = this.services.get(serviceName);
    if (!service) throw unknownService(serviceName);
    const action = Object.hasOwn(service.actions, actionName) ? service.actions[actionName] : undefined;
    if (action) return action;
    throw new AwsError(
      'UnknownOperationException',
      `The local AWS does not support ${serviceName}:${actionName}; of ${serviceName} it has ${Object.keys(service.actions).sort().join(', ')}.`,
    );
  }

  private authorize(call: AwsCall, action: AwsAction): void {
    const own: Permission[] = action.permissions?.(call.input) ?? [
      { action: `${call.service}:${call.action}`, resource: '*' },
    ];
    const dependent = own
      .flatMap((permission) => DEPENDENT_ACTIONS[permission.action] ?? [])
      .map((action): Permission => ({ action, resource: '*' }));
    for (const permission of [...own, ...dependent]) {
      const decision = this.iam.decide(call.caller, permission);
      if (!decision.allowed) throw accessDenied(call, permission, decision);
    }
  }
}
