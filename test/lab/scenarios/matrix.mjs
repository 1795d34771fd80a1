import { body, close, ehlo, greet, mail, message, pause, put, raw, rst, truth, until, upToData, upToRcpt } from './words.mjs';

/** How far the client goes; `slow`: the appliance owes it an answer. */
const STAGES = [
  { stage: 'banner', steps: [greet] },
  { stage: 'helo', steps: [greet, ehlo] },
  { stage: 'mail', steps: [greet, ehlo, mail] },
  { stage: 'rcpt', steps: upToRcpt },
  { stage: 'data-command', steps: upToData },
  { stage: 'data-body', steps: [upToData, body(6000, { upto: 4000, chunk: 900, gap: 0.03 })] },
  { stage: 'data-end', steps: [upToData, body(3000), raw('.\r\n')], esa: { hooks: [{ at: 'dot', delay: 2 }] } },
  { stage: 'idle-after-message', steps: [upToRcpt, message] },
];
const ENDS = {
  fin: {
    steps: [pause(0.4), close],
    cause: 'premature-fin',
    actor: 'client',
    expect: { order: 'cF' },
    not: ['client-quit/*/*', 'rst/*/*', 'timeout/appliance/*', '*/middlebox/*'],
  },
  rst: {
    steps: [pause(0.4), rst],
    cause: 'rst',
    actor: 'client',
    expect: { order: 'cR' },
    not: ['client-quit/*/*', 'premature-fin/*/*', 'timeout/appliance/*', '*/middlebox/*>=0.7'],
  },
  hang: {
    steps: [until(20)],
    cause: 'timeout',
    actor: 'appliance',
    expect: { end: 'timeout', order: 'sF' },
    not: ['premature-fin/*/*', 'client-quit/*/*', 'silent-drop/*/*', 'timeout/client/*', '*/middlebox/*'],
  },
  quit: {
    steps: [pause(0.2), put('QUIT'), until(10)],
    cause: 'client-quit',
    actor: 'client',
    expect: { end: 'quit' },
    not: ['premature-fin/*/*', 'rst/*/*', 'timeout/*/*', '*/middlebox/*'],
  },
};
/** Circumstances, taken in turn. */
const AROUND = [
  { around: 'delay 25 ms', settings: { device: { delay: 0.0125 } } },
  { around: 'windows', settings: { os: 'windows' } },
  { around: 'IPv6', settings: {}, more: { v6: true } },
  { around: 'two points', settings: { capture: ['esa', 'client'] } },
  { around: 'no log', settings: { log: { none: true } } },
  { around: '4 % loss', settings: { device: { delay: 0.004, loss: 4, seed: 11 }, lossy: true } },
  { around: 'snap 96', settings: { edits: { esa: [['snap', 96]] } } },
  { around: 'slow path 90 ms', settings: { device: { delay: 0.045, jitter: 0.004, seed: 2 } } },
  { around: 'only towards the appliance', settings: { edits: { esa: [['only', 'client']] }, oneSided: true } },
  { around: 'mirror doubles', settings: { edits: { esa: [['duplicate', 5]] } } },
];

/** Every stage with every ending, under changing circumstances. */
export const MATRIX = STAGES.flatMap(({ stage, steps, esa }, i) =>
  Object.entries(ENDS).flatMap(([name, end], j) => {
    if ((name === 'hang' && stage === 'data-end') || (name === 'quit' && ['data-command', 'data-body', 'data-end'].includes(stage))) return [];
    return [0, 1].map((turn) => {
      const { around, settings, more } = AROUND[(i * 3 + j * 5 + turn * 4) % AROUND.length];
      const { lossy, oneSided, ...rest } = settings;
      const finished = stage === 'idle-after-message';
      const cause = name === 'quit' && finished ? 'completed' : end.cause;
      const at = name === 'quit' && (finished || stage === 'banner' || stage === 'helo') ? 'quit' : stage;
      const accept = [
        ...(finished ? ['completed/*/*'] : []),
        ...(name === 'quit' && at === 'quit' ? [`client-quit/client/${stage}`, 'completed/client/*'] : []),
        ...(stage === 'data-end' ? ['timeout/client/data-end'] : []),
        ...(oneSided && name === 'hang' ? ['undetermined/*/*', 'timeout/undetermined/*'] : []),
      ];
      return {
        id: `m${i + 1}${j + 1}${turn + 1}-${stage}-${name}`,
        title: `${name} at ${stage}; ${around}`,
        ...(esa ? { esa } : {}),
        ...rest,
        ...(lossy ? { max: 60, timeout: 10, linger: 2.5 } : {}),
        sessions: [
          {
            label: 's1',
            steps: [steps, end.steps],
            truth: truth(`${cause}/${end.actor}/${at}`, {
              accept,
              acceptStage:
                at === 'quit' ? [stage] : around === 'snap 96' || oneSided ? ['helo', 'mail', 'rcpt', 'data-command', 'data-body'].filter((s) => s !== at) : [],
              certain: !oneSided,
              not: end.not,
              ...(name === 'hang' ? { silent: 'client' } : {}),
            }),
            expect: lossy ? {} : end.expect,
            ...more,
          },
        ],
      };
    });
  }),
);
