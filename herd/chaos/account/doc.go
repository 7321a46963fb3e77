// Package account keeps the books of a herd that is being hurt: what clients have
// reported and what was acknowledged, what servers have shown and when, and what
// the servers' logs say they had. Three things must hold in the end:
//
//   - every acknowledged report that a server has received which has lived on since
//     is on every server, or a newer one of that client (Books.Settle);
//   - every record that is held is one that somebody has reported (Books.Settle);
//   - no server shows an older record than it has shown before (History.Check).
package account
