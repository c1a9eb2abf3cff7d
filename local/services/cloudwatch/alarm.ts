import type { AlarmTerms } from './alarm-terms';
import { readAlarmTerms, valueOf } from './alarm-terms';
import type { MetricStore } from './metric-store';
import { invalid } from './read-metric-data';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export interface Alarm extends AlarmTerms {
  name: string;
  evaluationPeriods: number;
  datapointsToAlarm: number;
  threshold: number;
  comparison: string;
  treatMissingData: string;
  /** The input it was made from, as DescribeAlarms answers it. */
  settings: Record<string, unknown>;
  state: AlarmState;
  reason: string;
  stateSince: Date;
}

const COMPARISONS: Record<string, { breaches(value: number, threshold: number): boolean; words: string }> = {
  GreaterThanOrEqualToThreshold: {
    breaches: (value, threshold) => value >= threshold,
    words: 'greater than or equal to',
  },
  GreaterThanThreshold: { breaches: (value, threshold) => value > threshold, words: 'greater than' },
  LessThanThreshold: { breaches: (value, threshold) => value < threshold, words: 'less than' },
  LessThanOrEqualToThreshold: { breaches: (value, threshold) => value <= threshold, words: 'less than or equal to' },
};
const MISSING_DATA = ['missing', 'notBreaching', 'breaching', 'ignore'];

const KNOWN = [
  ...[
    'AlarmName',
    'AlarmDescription',
    'ActionsEnabled',
    'OKActions',
    'AlarmActions',
    'InsufficientDataActions',
    'MetricName',
    'Namespace',
  ],
  ...[
    'Statistic',
    'Dimensions',
    'Period',
    'Unit',
    'EvaluationPeriods',
    'DatapointsToAlarm',
    'Threshold',
    'ComparisonOperator',
  ],
  ...['TreatMissingData', 'Metrics', 'Tags'],
];

/** Reads PutMetricAlarm's input. */
export function readAlarm(input: Record<string, unknown>, now: Date): Alarm {
  const name = String(input['AlarmName']);
  const unknown = Object.keys(input).filter((key) => !KNOWN.includes(key));
  if (unknown.length)
    throw invalid(`Alarm ${name}: the local AWS does not support ${unknown.join(', ')}; it knows ${KNOWN.join(', ')}.`);
  const { Tags: _tags, ...settings } = input;
  const evaluationPeriods = input['EvaluationPeriods'] as number;
  const alarm: Alarm = {
    name,
    ...readAlarmTerms(input, `Alarm ${name}`),
    evaluationPeriods,
    datapointsToAlarm: (input['DatapointsToAlarm'] as number | undefined) ?? evaluationPeriods,
    threshold: input['Threshold'] as number,
    comparison: String(input['ComparisonOperator']),
    treatMissingData: (input['TreatMissingData'] as string | undefined) ?? 'missing',
    settings,
    state: 'INSUFFICIENT_DATA',
    reason: 'Unchecked: Initial alarm creation',
    stateSince: now,
  };
  if (!COMPARISONS[alarm.comparison])
    throw invalid(
      `Alarm ${name}: ComparisonOperator must be one of ${Object.keys(COMPARISONS).join(', ')}, not ${alarm.comparison}.`,
    );
  if (!MISSING_DATA.includes(alarm.treatMissingData))
    throw invalid(`Alarm ${name}: TreatMissingData must be one of ${MISSING_DATA.join(', ')}.`);
  return alarm;
}

/** What the alarm's state is now, from the latest periods that end now, and why. */
export function evaluateAlarm(alarm: Alarm, store: MetricStore, now: Date): { state: AlarmState; reason: string } {
  const { breaches, words } = COMPARISONS[alarm.comparison]!;
  const values = latestValues(alarm, store, now);
  const present = values.filter((value) => value !== undefined);
  if (!present.length && (alarm.treatMissingData === 'missing' || alarm.treatMissingData === 'ignore')) {
    return alarm.treatMissingData === 'ignore'
      ? { state: alarm.state, reason: alarm.reason }
      : {
          state: 'INSUFFICIENT_DATA',
          reason: `Insufficient Data: no datapoints in the last ${alarm.evaluationPeriods} periods.`,
        };
  }
  const breaching = values.filter((value) =>
    value === undefined ? alarm.treatMissingData === 'breaching' : breaches(value, alarm.threshold),
  ).length;
  const isAlarm = breaching >= alarm.datapointsToAlarm;
  const seen = present.length ? `[${present.join(', ')}]` : 'no datapoints';
  return {
    state: isAlarm ? 'ALARM' : 'OK',
    reason: `Threshold Crossed: ${breaching} of ${alarm.evaluationPeriods} periods (${seen}) ${breaching === 1 ? 'was' : 'were'} ${words} the threshold (${alarm.threshold}); ${alarm.datapointsToAlarm} make an alarm.`,
  };
}

/** One value a period, the latest first. The latest period ends with this moment. */
function latestValues(alarm: Alarm, store: MetricStore, now: Date): (number | undefined)[] {
  const length = alarm.periodSeconds * 1000;
  const end = now.getTime() + 1;
  return Array.from({ length: alarm.evaluationPeriods }, (_, index) =>
    valueOf(alarm, store, new Date(end - (index + 1) * length), new Date(end - index * length)),
  );
}
