/** No window reaches further (RFC 7323, 2.3: 65,535 shifted by 14); a number beyond it is junk, not a hole. Numbers count modulo 2^32 on the wire (RFC 9293, 3.4). */
export const MAX_WINDOW = 2 ** 30;
