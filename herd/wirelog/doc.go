// Package wirelog keeps one node's log file: every line that went over its
// connections, and the events around them.
//
// The reactor loop never waits for it. The loop hands over whole chunks exactly
// as read and written; they are copied into a bounded queue under one short
// lock, and a goroutine of the log's own turns them into lines and writes them.
// Above what the disk takes, chunks are dropped, counted and reported in the
// log itself, and each place where bytes are missing is marked.
//
// # The file
//
// One record a line, LF at its end, nothing but printable characters before it:
//
//	record  = time SP (wire / notice / event) LF
//	time    = RFC 3339 in UTC with six decimals, always 27 bytes
//	wire    = ("<" / ">") SP conn SP text [SP end]    ; "<" came in, ">" went out
//	notice  = ("+" / "=" / "-") SP conn SP text       ; opened (address), named (server), closed (reason)
//	event   = "!" SP level SP text *(SP word "=" word)
//	conn    = ("client" / "peer") "#" number ["=" word] ; numbers from 1; word: the server's name, once known
//	end     = "cut" / "open" / "gap=" number
//	level   = "trace" / "debug" / "info" / "warn" / "error"
//	text    = a double-quoted string in Go's syntax
//	word    = text, or the same bytes bare where each is printable ASCII and
//	          none is a space, a quote, a backslash or "="; never empty
//
// A wire record without an end is a whole line: its LF is left out, a CR before
// it is kept (\r). "cut" is a piece of a longer line, the next record of the
// same connection and direction carries on; "open" is text that was still
// without its LF when the connection closed; "gap" counts the bytes that were
// dropped after this text, so what follows starts anywhere in a line. So the
// texts of one connection and direction, put together, are the exact bytes.
//
// Bytes that are not printable stand as escapes, so nothing a peer sends can
// begin a record of its own, while `grep kiwi.cs.ucla.edu` finds a client.
// [Scan] reads the file back.
//
//	2012-11-21T18:03:47.065123Z + client#12 "127.0.0.1:51234"
//	2012-11-21T18:03:47.065201Z < client#12 "IAMAT kiwi.cs.ucla.edu +34.0689-118.4451 1353521027.5"
//	2012-11-21T18:03:47.065201Z > peer#3=Meeks "AT Farmar -0.434799000 kiwi.cs.ucla.edu +34.0689-118.4451 1353521027.5"
//	2012-11-21T18:03:49.100000Z ! warn "peer lost" reason=silent server=Meeks
package wirelog
