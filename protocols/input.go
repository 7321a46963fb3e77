package protocols

import (
	"bytes"
	"slices"
)

// input is what a receiver was given and has not used: what it kept of earlier
// chunks, then the rest of the chunk in hand. The zero value is empty.
//
// It copies as little as it can. Pieces that lie whole in the chunk are handed
// out as views. A piece that began in an earlier chunk is completed in kept,
// and only that piece. What is left at the end is copied to a buffer of its
// own size, and an input with nothing left holds no memory.
type input struct {
	kept  []byte // a copy, ours
	chunk []byte // a view, good until end
	at    int    // where the unused part of chunk begins
}

// begin takes a chunk in hand.
func (in *input) begin(data []byte) { in.chunk, in.at = data, 0 }

// end puts the chunk down and keeps a copy of what is left of it.
func (in *input) end() {
	in.kept = append(in.kept, in.chunk[in.at:]...)
	in.begin(nil)
}

// len is how many bytes are unused.
func (in *input) len() int { return len(in.kept) + len(in.chunk) - in.at }

// add puts a copy of data behind everything else.
func (in *input) add(data []byte) {
	if len(data) == 0 {
		return // nothing to queue, so no reason to copy the chunk
	}
	in.end()
	in.kept = append(in.kept, data...)
}

// index is where the first sep begins, or -1. What it has looked through is
// good for first in one piece.
func (in *input) index(sep []byte) int {
	rest := in.chunk[in.at:]
	if len(in.kept) == 0 {
		return bytes.Index(rest, sep)
	}
	// Searched anew with every chunk: a receiver keeps little, and a separator
	// that was changed in the meantime is seen.
	if i := bytes.Index(in.kept, sep); i >= 0 {
		return i
	}
	n := through(in.kept, rest, sep)
	if n < 0 {
		in.complete(len(in.kept) + len(rest))
		return -1
	}
	in.complete(len(in.kept) + n)
	return len(in.kept) - len(sep)
}

// through is how many bytes of rest reach to the end of the first sep in kept
// and rest together, or -1. There is none within kept.
func through(kept, rest, sep []byte) int {
	for n := min(len(sep)-1, len(kept)); n > 0; n-- {
		if bytes.HasSuffix(kept, sep[:n]) && bytes.HasPrefix(rest, sep[n:]) {
			return len(sep) - n
		}
	}
	if i := bytes.Index(rest, sep); i >= 0 {
		return i + len(sep)
	}
	return -1
}

// complete moves bytes of the chunk to kept until that is n long.
func (in *input) complete(n int) {
	missing := n - len(in.kept)
	in.kept = append(in.kept, in.chunk[in.at:in.at+missing]...)
	in.at += missing
}

// first is a view of the first n bytes; there must be as many. Its capacity
// ends with it, so that an append by who gets it harms nothing.
func (in *input) first(n int) []byte {
	if len(in.kept) == 0 {
		return in.chunk[in.at : in.at+n : in.at+n]
	}
	if len(in.kept) < n {
		in.complete(n)
	}
	return in.kept[:n:n]
}

// drop uses up the n bytes that first has shown.
func (in *input) drop(n int) {
	switch kept := len(in.kept); {
	case kept == 0:
		in.at += n
	case kept == n:
		in.kept = nil
	default: // several pieces were kept, by a pause: go on as if they came now
		in.join()
		in.at = n
	}
}

// join makes one chunk of everything.
func (in *input) join() {
	in.begin(append(in.kept, in.chunk[in.at:]...))
	in.kept = nil
}

// takeAll uses up everything and is a view of it.
func (in *input) takeAll() []byte {
	if len(in.kept) > 0 {
		in.join()
	}
	all := in.chunk[in.at:]
	in.at = len(in.chunk)
	return slices.Clip(all)
}

// giveBack makes data, which is not empty, unused again if nothing else is left
// and data is the very end of what was used last, and reports whether it is.
// Who takes bodies out of the stream gives the rest back time and again in one
// chunk: this keeps that from copying the chunk each time.
func (in *input) giveBack(data []byte) bool {
	n := len(data)
	if in.len() > 0 || n > in.at || &in.chunk[in.at-1] != &data[n-1] {
		return false
	}
	in.at -= n
	return true
}
