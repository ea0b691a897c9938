// k6's end-of-test figures, read in either of the two shapes that its versions hand over.

function valuesOf(data, name) {
  const metrics = data.metrics || (data.results && data.results.metrics) || {};
  const metric = Array.isArray(metrics) ? metrics.find((one) => one.name === name) : metrics[name];
  return metric ? metric.values : null;
}

export function count(data, name) {
  const values = valuesOf(data, name);
  return values === null ? 0 : values.count;
}

/** Percentiles in whole milliseconds, or null when nothing was measured. */
export function percentiles(data, name) {
  const values = valuesOf(data, name);
  if (values === null || !values.count) return null;
  const round = (key) => Math.round(values[key]);
  return { p50: round('p(50)'), p95: round('p(95)'), p99: round('p(99)'), max: round('max') };
}

/** The statistics that `percentiles` needs, for `options.summaryTrendStats`. */
export const trendStats = ['p(50)', 'p(95)', 'p(99)', 'max', 'count'];
