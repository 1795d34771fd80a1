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
  causes = { right: 0, all: 0 };
  wrongCauses = new Map();
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

  /** The verdict's cause against the one that was played. */
  addVerdict(truth, verdict) {
    const wanted = causeOf(truth);
    this.causes.all++;
    // Whether a session that falls silent is still open, or was cut, only a longer capture shows.
    if (verdict?.cause === wanted || (wanted === 'still-open' && verdict?.cause === 'undetermined')) this.causes.right++;
    else {
      const wrong = `${wanted} taken for ${verdict?.cause} (${verdict?.causeConfidence})`;
      this.wrongCauses.set(wrong, (this.wrongCauses.get(wrong) ?? 0) + 1);
    }
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

/** The contract's cause for what was played. */
function causeOf({ quit, notice, end, stage, accepted }) {
  if (quit) return stage === 'quit' && accepted > 0 ? 'completed' : 'client-quit';
  if (notice) return 'timeout';
  if (end === 'open') return 'still-open';
  return end === 'rst' ? 'rst' : 'premature-fin';
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
