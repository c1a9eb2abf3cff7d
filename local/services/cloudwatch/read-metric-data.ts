import { AwsError } from '../../aws/aws-call';
import type { Datum, MetricId } from './metric-store';

type Raw = Record<string, unknown>;

/** API_PutMetricData and API_MetricDatum. */
const MOST_METRICS = 1000;
const MOST_DIMENSIONS = 30;
const MOST_VALUES = 150;
const OLDEST_MS = 14 * 24 * 3600 * 1000;
const NEWEST_MS = 2 * 3600 * 1000;
const LARGEST = 2 ** 360;

/** Reads PutMetricData's input and applies the limits of the real API. */
export function readMetricData(input: Raw, now: Date): { id: MetricId; data: Datum[] }[] {
  const { Namespace: namespace, MetricData: metrics = [], EntityMetricData: entities } = input;
  if (entities !== undefined) throw invalid('EntityMetricData is not supported by the local AWS.');
  if (!/^[0-9A-Za-z.\-_/#:]{1,255}$/.test(String(namespace)))
    throw invalid(`Namespace must be 1 to 255 of 0-9A-Za-z.-_/#:, not ${JSON.stringify(namespace)}.`);
  if (String(namespace).startsWith('AWS/'))
    throw invalid('The value AWS/ for parameter Namespace is invalid: it is reserved.');
  const list = metrics as Raw[];
  if (!list.length) throw new AwsError('MissingRequiredParameterException', 'The parameter MetricData is required.');
  if (list.length > MOST_METRICS)
    throw invalid(
      `The collection MetricData must not have a size greater than ${MOST_METRICS}, it has ${list.length}.`,
    );
  return list.map((metric, index) => ({
    id: {
      namespace: String(namespace),
      name: readName(metric, index),
      dimensions: readDimensions(metric['Dimensions'], `MetricData[${index}]`),
    },
    data: readValues(metric, `MetricData[${index}]`, now),
  }));
}

function readName({ MetricName: name }: Raw, index: number): string {
  if (typeof name !== 'string' || name.length < 1 || name.length > 255)
    throw invalid(`MetricData[${index}].MetricName must be 1 to 255 characters.`);
  return name;
}

export function readDimensions(raw: unknown, where: string): Record<string, string> {
  const dimensions = (raw ?? []) as { Name?: string; Value?: string }[];
  if (dimensions.length > MOST_DIMENSIONS)
    throw invalid(`${where}.Dimensions must not have more than ${MOST_DIMENSIONS}, it has ${dimensions.length}.`);
  for (const { Name: name = '', Value: value = '' } of dimensions) {
    if (!/^[\x20-\x39\x3b-\x7e][\x20-\x7e]{0,254}$/.test(name))
      throw invalid(
        `${where}: the dimension name ${JSON.stringify(name)} must be 1 to 255 ASCII characters and not begin with a colon.`,
      );
    if (!/^[\x20-\x7e]{1,1024}$/.test(value) || value.trim() === '') {
      throw invalid(
        `${where}: the value ${JSON.stringify(value)} of dimension ${name} must be 1 to 1024 ASCII characters, not only blanks.`,
      );
    }
  }
  return Object.fromEntries(dimensions.map(({ Name: name, Value: value }) => [name!, value!]));
}

function readValues(metric: Raw, where: string, now: Date): Datum[] {
  const {
    Value: value,
    Values: values,
    Counts: counts,
    StatisticValues: set,
    Unit: unit,
    Timestamp: timestamp,
  } = metric;
  const time = (timestamp as Date | undefined) ?? now;
  const age = now.getTime() - time.getTime();
  if (age > OLDEST_MS || age < -NEWEST_MS)
    throw invalid(
      `${where}.Timestamp ${time.toISOString()} must be within the last two weeks and not more than two hours ahead.`,
    );
  if ([value, values, set].filter((given) => given !== undefined).length !== 1)
    throw invalid(`${where} must have one of Value, Values and StatisticValues.`);
  const base = { time, ...(unit !== undefined && { unit: String(unit) }) };
  if (set !== undefined) {
    const { SampleCount: count, Sum: sum, Minimum: minimum, Maximum: maximum } = set as Record<string, number>;
    return [
      {
        ...base,
        count: finite(count, where),
        sum: finite(sum, where),
        minimum: finite(minimum, where),
        maximum: finite(maximum, where),
      },
    ];
  }
  const list = (values ?? [value]) as number[];
  const weights = (counts ?? list.map(() => 1)) as number[];
  if (list.length > MOST_VALUES)
    throw invalid(`${where}.Values must not have more than ${MOST_VALUES}, it has ${list.length}.`);
  if (weights.length !== list.length) throw invalid(`${where}: Counts must have as many items as Values.`);
  return list.map((one, index) => {
    const count = weights[index]!;
    return { ...base, count, sum: finite(one, where) * count, minimum: one, maximum: one };
  });
}

function finite(value: number | undefined, where: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || Math.abs(value) > LARGEST) {
    throw invalid(
      `${where}: ${String(value)} is not a number that CloudWatch takes (no NaN, no infinity, at most 2^360).`,
    );
  }
  return value;
}

export const invalid = (message: string) => new AwsError('InvalidParameterValueException', message);
