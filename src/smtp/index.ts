export { DIALOGUE_BUDGET, type DialogueBudget } from './budget.ts';
export { followDialogue } from './follow-dialogue.ts';
export { owesAt } from './owes.ts';
export { roleOf } from './roles.ts';
export { mapSpeech, type SpeechMapper } from './speech-map.ts';
