package herd

import (
	"fmt"
	"slices"
)

// PeerLine is a kind of line that a neighbour sends when the handshake is done.
type PeerLine uint8

// What is none of the others is taken for an AT line, and refused as one.
const (
	ATLine       PeerLine = iota
	BeatLine              // for ParseBeat
	QuestionLine          // for Answer
	AnswerLine            // for Comparison.Receive
	FarewellLine          // for ParseFarewell
)

// KindOf returns which kind of line a neighbour's line is.
func KindOf(line []byte) PeerLine {
	verb, _ := cutField(line)
	switch string(verb) {
	case beatVerb:
		return BeatLine
	case verbAskSums, verbAskHashes, verbAskRecords, verbAskAll, verbFound:
		return QuestionLine
	case verbSums, verbHashes, verbRecords, verbAll, verbBusy:
		return AnswerLine
	case farewellVerb:
		return FarewellLine
	}
	return ATLine
}

// Asked is what is left to do after Answer.
type Asked struct {
	Number uint64 // of the comparison
	// All: the neighbour is empty, and is to be sent every record as AT lines and
	// then the line of AppendAll.
	All bool
	// Found: the comparison is over, and Differ buckets differed.
	Found  bool
	Differ int
}

// Answer answers a neighbour's question about a store, which is a line of the
// kind QuestionLine, given without its end, on a link whose Terms have these
// bits. It keeps nothing between two questions. The error wraps ErrBadQuestion,
// and then nothing has been sent.
func Answer(s Holdings, bits int, line []byte, out Outlet) (Asked, error) {
	q, err := parseQuestion(line, bits)
	if err != nil {
		return Asked{}, err
	}
	var hashes []uint64
	switch q.verb {
	case verbAskAll:
		return Asked{Number: q.number, All: true}, nil
	case verbFound:
		return Asked{Number: q.number, Found: true, Differ: int(min(q.third, 1<<32))}, nil
	case verbAskSums, verbAskHashes:
	case verbAskRecords:
		if hashes, err = q.numbers(); err != nil {
			return Asked{}, err
		}
	default:
		return Asked{}, fmt.Errorf("%w: %s is no question", ErrBadQuestion, quote(q.verb))
	}
	switch {
	case out.Lagging() || q.verb != verbAskSums && tooCoarse(s, bits):
		out.Send(fmt.Appendf(nil, "%s %d\n", verbBusy, q.number))
	case q.verb == verbAskSums:
		answerSums(s, &q, out)
	case q.verb == verbAskHashes:
		answerHashes(s, &q, out)
	default:
		answerRecords(s, &q, hashes, out)
	}
	return Asked{}, nil
}

// coarse is how many records of a bucket a server looks through at once.
const coarse = 16_384

// tooCoarse reports whether a store has grown too large to be compared in 2^bits
// buckets: a look at one of them would hold up everybody.
func tooCoarse(s Holdings, bits int) bool { return s.Len()>>bits > coarse }

func answerSums(s Holdings, q *question, out Outlet) {
	sums := make([]uint64, q.third)
	for i := range sums {
		sums[i] = s.Sum(q.bits, q.first+i)
	}
	line := fmt.Appendf(nil, "%s %d %d %d %d ", verbSums, q.number, q.bits, q.first, s.Len())
	out.Send(append(appendNumbers(line, sums), '\n'))
}

func answerHashes(s Holdings, q *question, out Outlet) {
	hashes := s.AppendHashes(nil, q.bits, q.first)
	for last := false; !last; {
		some := hashes[:min(len(hashes), numbersPerLine)]
		hashes = hashes[len(some):]
		last = len(hashes) == 0
		more := "more"
		if last {
			more = "last"
		}
		line := fmt.Appendf(nil, "%s %d %d %d %s ", verbHashes, q.number, q.bits, q.first, more)
		out.Send(append(appendNumbers(line, some), '\n'))
	}
}

func answerRecords(s Holdings, q *question, hashes []uint64, out Outlet) {
	slices.Sort(hashes)
	count, size := 0, 0
	s.Find(q.bits, q.first, hashes, func(line []byte) {
		count++
		size += len(line)
		out.Forward(line)
	})
	out.Send(fmt.Appendf(nil, "%s %d %d %d %d %d\n", verbRecords, q.number, q.bits, q.first, count, size))
}

// AppendAll appends the line, with its end, that follows what Asked.All asks for.
func AppendAll(dst []byte, number uint64) []byte {
	return fmt.Appendf(dst, "%s %d\n", verbAll, number)
}

// AppendFound appends the line, with its end, that tells the neighbour what a
// comparison has come to.
func (c *Comparison) AppendFound(dst []byte) []byte {
	return fmt.Appendf(dst, "%s %d %d\n", verbFound, c.number, c.differ)
}
