export interface PlayedRecord {
  readonly by: 'C' | 'S';
  readonly words: readonly string[];
  readonly stage: string | null;
  readonly octets: number;
}

export interface PlayedSession {
  readonly id: number;
  readonly inbound: boolean;
  readonly server: string;
  readonly port: number;
  readonly version: string;
  readonly cipher: string;
  readonly end: string;
  readonly quit: boolean;
  readonly ended: boolean;
  readonly accepted: number;
  readonly answered: boolean;
  readonly notice: boolean;
  readonly stage: string;
  readonly records: readonly PlayedRecord[];
}

export interface Played {
  readonly packets: readonly { readonly us: number; readonly data: Buffer; readonly length: number }[];
  readonly log: string;
  readonly truth: readonly PlayedSession[];
}

export function generate(options?: {
  readonly sessions?: number;
  readonly seed?: number | string;
  readonly segment?: number;
  readonly together?: number;
}): Promise<Played>;
