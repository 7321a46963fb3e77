package protocols

import (
	"sync"

	"proxyherd/reactor"
)

// scratch lends the memory in which a message's parts are joined. Transports
// copy, so it is free again as soon as Write returns.
var scratch = sync.Pool{New: func() any { return new([]byte) }}

// keepScratch is the largest buffer that goes back to scratch, in bytes.
const keepScratch = 64 << 10

// writeJoined writes the parts with one call: a wrapper around the transport
// that counts or logs sees one message.
func writeJoined(to reactor.Consumer, parts ...[]byte) {
	joined := scratch.Get().(*[]byte)
	*joined = (*joined)[:0]
	for _, part := range parts {
		*joined = append(*joined, part...)
	}
	to.Write(*joined)
	if cap(*joined) <= keepScratch {
		scratch.Put(joined)
	}
}
