package herd

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
)

// The lines of a comparison. The server that dialled the link asks, the other
// answers, and both may send AT lines in between. Every line has the number of
// the comparison, so that a late answer to an old one is known.
//
//	ASKSUMS <n> <bits> <first> <count>      the sums of count ranges, of 2^bits in all
//	SUMS <n> <bits> <first> <records> <base64>
//	ASKHASHES <n> <bits> <bucket>           the hashes of the records of one range
//	HASHES <n> <bits> <bucket> <more|last> <base64>
//	ASKRECORDS <n> <bits> <bucket> <base64> the records with these hashes: AT lines, and then
//	RECORDS <n> <bits> <bucket> <count> <bytes>
//	ASKALL <n>                              every record: AT lines, and then
//	ALL <n>
//	BUSY <n>                                in place of an answer: ask again later
//	FOUND <n> <ranges that differed>        the end of a comparison
//
// A range is a part of the space of hashes: number i of 2^bits are the clients
// whose id's hash has i as its first bits. A sum is that of its records' hashes,
// and base64 holds 64-bit numbers, most significant byte first, without padding.
const (
	verbAskSums    = "ASKSUMS"
	verbSums       = "SUMS"
	verbAskHashes  = "ASKHASHES"
	verbHashes     = "HASHES"
	verbAskRecords = "ASKRECORDS"
	verbRecords    = "RECORDS"
	verbAskAll     = "ASKALL"
	verbAll        = "ALL"
	verbBusy       = "BUSY"
	verbFound      = "FOUND"
)

// ErrBadQuestion says that a line of a comparison cannot be read, or asks for
// what there is not. It is dropped.
var ErrBadQuestion = newReason("bad_question", "the line of a comparison cannot be read")

// numbersPerLine is how many 64-bit numbers a line may hold: with 43 letters for
// four of them and the words before, it stays below MaxPeerLine.
const numbersPerLine = 3000

// question is a line of a comparison, read.
type question struct {
	verb   string
	number uint64 // of the comparison
	bits   int
	first  int
	third  uint64 // count, records, or ranges that differed
	fourth uint64 // bytes
	more   bool
	data   []byte // base64
}

// answeredBy reports whether q is an answer to r.
func (r *request) answeredBy(q *question) bool {
	return q.verb == r.answer && q.bits == r.bits && q.first == r.first
}

// fits reports whether an answer to r can be true.
func (r *request) fits(q *question, numbers []uint64) bool {
	switch q.verb {
	case verbSums:
		return len(numbers) == r.count
	case verbRecords:
		return q.third <= uint64(len(r.hashes)) && q.fourth <= q.third*(MaxPeerLine+1)
	}
	return true
}

// appendLine appends the line that asks r, with its end.
func (r *request) appendLine(dst []byte, number uint64) []byte {
	switch r.answer {
	case verbSums:
		return fmt.Appendf(dst, "%s %d %d %d %d\n", verbAskSums, number, r.bits, r.first, r.count)
	case verbHashes:
		return fmt.Appendf(dst, "%s %d %d %d\n", verbAskHashes, number, r.bits, r.first)
	case verbRecords:
		dst = fmt.Appendf(dst, "%s %d %d %d ", verbAskRecords, number, r.bits, r.first)
		return append(appendNumbers(dst, r.hashes), '\n')
	}
	return fmt.Appendf(dst, "%s %d\n", verbAskAll, number)
}

// parseQuestion reads a line of a comparison, given without its end. most is the
// largest bits that are asked for on this link. The error wraps ErrBadQuestion.
func parseQuestion(line []byte, most int) (q question, err error) {
	r := fieldReader{rest: line}
	q.verb = string(r.next())
	q.number = r.number()
	switch q.verb {
	case verbAskAll, verbAll, verbBusy:
	case verbFound:
		q.third = r.number()
	default:
		q.bits, q.first = r.small(most), 0
		if r.err == nil {
			q.first = r.small(1<<q.bits - 1)
		}
		if q.bits != most && (q.verb == verbAskHashes || q.verb == verbAskRecords) {
			r.fail() // of a wider range it would be a whole store that is looked through
		}
		q.readTail(&r)
	}
	if len(r.next()) > 0 {
		r.fail()
	}
	if r.err != nil {
		return question{}, fmt.Errorf("%w: %s", ErrBadQuestion, quote(line))
	}
	return q, nil
}

// readTail reads what follows the range.
func (q *question) readTail(r *fieldReader) {
	switch q.verb {
	case verbAskSums:
		q.third = r.number()
		if q.third == 0 || q.third > uint64(1<<q.bits-q.first) || q.third > numbersPerLine {
			r.fail()
		}
	case verbSums:
		q.third = r.number()
		q.data = r.next()
	case verbHashes:
		switch string(r.next()) {
		case "more":
			q.more = true
		case "last":
		default:
			r.fail()
		}
		q.data = r.next() // nothing for an empty range
	case verbAskRecords:
		q.data = r.next()
	case verbRecords:
		q.third, q.fourth = r.number(), r.number()
	case verbAskHashes:
	default:
		r.fail()
	}
}

// numbers decodes q's data.
func (q *question) numbers() ([]uint64, error) {
	raw := make([]byte, base64.RawStdEncoding.DecodedLen(len(q.data)))
	n, err := base64.RawStdEncoding.Decode(raw, q.data)
	if err != nil || n%8 != 0 {
		return nil, fmt.Errorf("%w: %s with %d letters that are no list of numbers", ErrBadQuestion, q.verb, len(q.data))
	}
	numbers := make([]uint64, n/8)
	for i := range numbers {
		numbers[i] = binary.BigEndian.Uint64(raw[8*i:])
	}
	return numbers, nil
}

// appendNumbers appends the base64 of numbers.
func appendNumbers(dst []byte, numbers []uint64) []byte {
	raw := make([]byte, 0, 8*len(numbers))
	for _, n := range numbers {
		raw = binary.BigEndian.AppendUint64(raw, n)
	}
	return base64.RawStdEncoding.AppendEncode(dst, raw)
}

// fieldReader reads the fields of a line, and remembers that one was wrong.
type fieldReader struct {
	rest []byte
	err  error
}

var errField = errors.New("a field is wrong")

func (r *fieldReader) fail() { r.err = errField }

func (r *fieldReader) next() (field []byte) {
	field, r.rest = cutField(r.rest)
	return field
}

func (r *fieldReader) number() uint64 {
	n, err := strconv.ParseUint(string(r.next()), 10, 64)
	if err != nil {
		r.fail()
	}
	return n
}

// small reads a number of at most most.
func (r *fieldReader) small(most int) int {
	n := r.number()
	if n > uint64(most) {
		r.fail()
		return 0
	}
	return int(n)
}
