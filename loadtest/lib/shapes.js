// Load shapes as data: what is sent when. Scenarios only carry them out, thresholds judge them.

// Everybody waits for the same moment and taps within a human's spread of each other.
export const rush = (sessions) => ({
  scenario: {
    executor: 'per-vu-iterations',
    vus: sessions,
    iterations: 1,
    maxDuration: '5m',
  },
  // Sign-ins are spread so that the load under test is the rush, not the opening of sockets.
  arriveWithinMs: 5000,
  tapJitterMs: 50,
  // How long a session may try to get every answer it is owed, counted from the opening.
  patienceMs: 90000,
  // And how long it then tries to hear the same verdict from another node.
  confirmWithinMs: 40000,
});

export const smoke = {
  scenario: { executor: 'per-vu-iterations', vus: 1, iterations: 1, maxDuration: '6m' },
  // The demo chain opens a round every few minutes.
  roundWithinMs: 300000,
  patienceMs: 40000,
};
