// Compares what was inferred with what was said, record by record and session by session.

/** The name of a record as the truth has it. */
export function nameOf({ parts }) {
  return parts.map(({ word, to, positive }) => (word === 'reply' ? `reply ${to} ${positive ? 'yes' : 'no'}` : word)).join('+');
}

export class Score {
  records = { right: 0, said: 0, all: 0 };
  byConfidence = new Map();
  byVersion = new Map();
  questions = { quit: tally(), stage: tally(), answered: tally(), notice: tally() };
  mistakes = new Map();
  sessions = 0;
  without = 0;

  /** One session: its truth and its inference, which may be null. */
  add(truth, inference) {
    this.sessions++;
    if (!inference) {
      this.without++;
      return;
    }
    for (const [at, record] of inference.records.entries()) this.#record(truth, truth.records[at], record);
    const yesNo = (value) => (value ? 'yes' : 'no');
    judge(this.questions.quit, inference.quit.answer, yesNo(truth.quit));
    judge(this.questions.stage, inference.stage?.stage ?? 'unknown', truth.stage);
    judge(this.questions.answered, inference.answered.answer, yesNo(truth.answered));
    judge(this.questions.notice, inference.notice.answer, yesNo(truth.notice));
  }

  #record(truth, expected, record) {
    const said = nameOf(record);
    const wanted = expected.words.join('+');
    const right = said === wanted || (wanted === 'handshake' && said === 'Finished');
    this.records.all++;
    if (right) this.records.right++;
    if (record.confidence !== 'undetermined') this.records.said++;
    count(this.byConfidence, record.confidence, right);
    count(this.byVersion, `${truth.version} ${truth.cipher}`, right);
    if (!right) this.mistakes.set(`${wanted} taken for ${said || 'nothing'}`, (this.mistakes.get(`${wanted} taken for ${said || 'nothing'}`) ?? 0) + 1);
  }
}

function tally() {
  return { right: 0, wrong: 0, unknown: 0 };
}

function judge(into, said, wanted) {
  if (said === 'unknown') into.unknown++;
  else if (said === wanted) into.right++;
  else into.wrong++;
}

function count(map, key, right) {
  const entry = map.get(key) ?? { right: 0, all: 0 };
  entry.all++;
  if (right) entry.right++;
  map.set(key, entry);
}
