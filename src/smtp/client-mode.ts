/**
 * What the client's octets are at the moment:
 *
 *   commands ─DATA─> offered ─354, or octets─> body ─CRLF.CRLF─> commands
 *      │ ├──BDAT n──> chunk ─n octets─> commands
 *      │ ├──334 to AUTH──> challenge ─line─> commands
 *      │ └──220 to STARTTLS──> tls-expected ─record─> tls
 *      └─gap─> uncertain ─line that reads as a command─> commands
 *
 * `lost`: octets before these never reached the server, so it never read these.
 */
export type ClientMode = 'commands' | 'uncertain' | 'offered' | 'body' | 'chunk' | 'challenge' | 'tls-expected' | 'tls' | 'lost';
