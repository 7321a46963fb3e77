package wirelog

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrRecord is a line of a log that is not a record; a torn one, after a crash,
// is the usual cause.
var ErrRecord = errors.New("wirelog: not a record of a wire log")

// maxRecord bounds a line of a log file: a text of which each byte is an escape,
// or an event.
const maxRecord = 4*maxText + 4*maxEvent

// Mark is the byte that says what a record is.
type Mark byte

// The marks.
const (
	In     Mark = '<' // text that was read
	Out    Mark = '>' // text that was written
	Opened Mark = '+' // a connection was made; Text is the address or server dialled
	Named  Mark = '=' // a link proved which server it is; Text is the name
	Closed Mark = '-' // a connection is gone; Text is the reason
	Event  Mark = '!' // an event; Text is the message
)

// End says how the text of an In or Out record ends.
type End uint8

// The ends.
const (
	EndLine End = iota // with a LF, which Text leaves out
	EndCut             // in mid-line: the line's next piece follows
	EndOpen            // in mid-line: the connection closed
	EndGap             // in mid-line: Gap bytes were dropped after it
)

// Entry is one record read back.
type Entry struct {
	At   time.Time // UTC
	Mark Mark
	Kind Kind   // all but Event
	Conn uint64 // all but Event
	Name string // the server, where the record names it
	Text []byte // exact bytes
	End  End
	Gap  uint64

	Level  Level        // Event only
	Fields []EventField // Event only, sorted by key
}

// EventField is a field of an event read back.
type EventField struct{ Key, Value string }

// Field returns the value of an event's field, "" where it has none.
func (e Entry) Field(key string) string {
	for _, f := range e.Fields {
		if f.Key == key {
			return f.Value
		}
	}
	return ""
}

// Scan reads a log's records in order. A line that is not a record is given as
// an error with its line number, that wraps ErrRecord, and reading goes on; an
// error of r's own ends it.
func Scan(r io.Reader) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		lines := bufio.NewReaderSize(r, maxRecord)
		for number := 1; ; number++ {
			line, err := lines.ReadSlice('\n')
			if errors.Is(err, bufio.ErrBufferFull) {
				err = skipLine(lines)
				line = []byte("a line that is too long")
			}
			if err != nil && !errors.Is(err, io.EOF) {
				yield(Entry{}, fmt.Errorf("wirelog: read line %d: %w", number, err))
				return
			}
			if len(line) > 0 {
				entry, bad := ParseLine(bytes.TrimSuffix(line, []byte{'\n'}))
				if bad != nil {
					bad = fmt.Errorf("line %d: %w", number, bad)
				}
				if !yield(entry, bad) {
					return
				}
			}
			if err != nil {
				return
			}
		}
	}
}

func skipLine(lines *bufio.Reader) error {
	for {
		_, err := lines.ReadSlice('\n')
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// ParseLine reads one record, without its LF. The error is ErrRecord. The entry
// keeps nothing of line.
func ParseLine(line []byte) (Entry, error) {
	p := parser{rest: string(line)}
	e := p.entry()
	if p.failed || p.rest != "" {
		shown := line[:min(len(line), 80)]
		return Entry{}, fmt.Errorf("%w: %q, byte %d", ErrRecord, shown, len(line)-len(p.rest))
	}
	return e, nil
}

// parser takes a record apart from the left. After the first failure the rest
// of what it returns means nothing.
type parser struct {
	rest   string
	failed bool
}

func (p *parser) entry() (e Entry) {
	at, err := time.Parse(timeLayout, p.until(' '))
	p.failed = p.failed || err != nil
	e.At = at
	mark := p.until(' ')
	if len(mark) != 1 || !strings.Contains("<>+=-!", mark) {
		p.failed = true
		return e
	}
	e.Mark = Mark(mark[0])
	if e.Mark == Event {
		p.event(&e)
		return e
	}
	p.conn(&e)
	e.Text = []byte(p.quoted())
	if e.Mark == In || e.Mark == Out {
		p.end(&e)
	}
	return e
}

func (p *parser) conn(e *Entry) {
	switch p.until('#') {
	case Client.String():
		e.Kind = Client
	case Peer.String():
		e.Kind = Peer
	default:
		p.failed = true
	}
	digits := strings.IndexFunc(p.rest, func(r rune) bool { return r < '0' || r > '9' })
	if digits <= 0 {
		p.failed = true
		return
	}
	e.Conn = p.number(p.take(digits))
	if p.literal("=") {
		e.Name = p.word()
	}
	p.want(" ")
}

func (p *parser) end(e *Entry) {
	switch {
	case p.rest == "":
	case p.literal(endCut):
		e.End = EndCut
	case p.literal(endOpen):
		e.End = EndOpen
	case p.literal(endGap):
		e.End = EndGap
		e.Gap = p.number(p.take(len(p.rest)))
	default:
		p.failed = true
	}
}

func (p *parser) event(e *Entry) {
	word := p.until(' ')
	i := slices.Index(levelWords[:], word)
	p.failed = p.failed || i < 0
	e.Level = Trace + Level(i)
	e.Text = []byte(p.quoted())
	for p.rest != "" && !p.failed {
		p.want(" ")
		key := p.word()
		p.want("=")
		e.Fields = append(e.Fields, EventField{key, p.word()})
	}
}

// until takes what stands before c, and c itself.
func (p *parser) until(c byte) string {
	before, after, found := strings.Cut(p.rest, string(c))
	if !found {
		p.failed = true
		return ""
	}
	p.rest = after
	return before
}

func (p *parser) take(n int) string {
	taken := p.rest[:n]
	p.rest = p.rest[n:]
	return taken
}

func (p *parser) literal(text string) bool {
	if !strings.HasPrefix(p.rest, text) {
		return false
	}
	p.take(len(text))
	return true
}

func (p *parser) want(text string) { p.failed = !p.literal(text) || p.failed }

func (p *parser) number(digits string) uint64 {
	n, err := strconv.ParseUint(digits, 10, 64)
	p.failed = p.failed || err != nil
	return n
}

// quoted takes a double-quoted string; Go's other literals are not the log's.
func (p *parser) quoted() string {
	prefix, err := strconv.QuotedPrefix(p.rest)
	if err != nil || prefix[0] != '"' {
		p.failed = true
		return ""
	}
	text, err := strconv.Unquote(p.take(len(prefix)))
	p.failed = p.failed || err != nil
	return text
}

// word takes a quoted or a bare word.
func (p *parser) word() string {
	if strings.HasPrefix(p.rest, `"`) {
		return p.quoted()
	}
	n := strings.IndexAny(p.rest, " =")
	if n < 0 {
		n = len(p.rest)
	}
	word := p.take(n)
	p.failed = p.failed || !bare(word)
	return word
}
