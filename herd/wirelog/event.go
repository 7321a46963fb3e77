package wirelog

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Level is how much an event matters; the zero value is Info.
type Level int8

// The levels.
const (
	Trace Level = iota - 2
	Debug
	Info
	Warn
	Error
)

var levelWords = [...]string{"trace", "debug", "info", "warn", "error"}

// String is the word that stands in the log and in the configuration.
func (v Level) String() string {
	if v < Trace || v > Error {
		return "level(" + strconv.Itoa(int(v)) + ")"
	}
	return levelWords[v-Trace]
}

// ParseLevel reads a level's word. The error is ErrOptions.
func ParseLevel(word string) (Level, error) {
	for i, w := range levelWords {
		if w == word {
			return Trace + Level(i), nil
		}
	}
	return Info, fmt.Errorf("%w: level %q: use one of %s", ErrOptions, word, strings.Join(levelWords[:], ", "))
}

// Field is one named value of an event.
type Field struct {
	Key   string
	Value any
}

// F makes a Field: log.Event(now, wirelog.Warn, "peer lost", wirelog.F("server", name)).
func F(key string, value any) Field { return Field{Key: key, Value: value} }

const (
	// maxEvent bounds an event with its fields, in bytes; a stack trace fits.
	maxEvent = 32 << 10
	// cutMark ends a text that was cut to fit.
	cutMark = "...(cut)"
)

// Event notes that something happened. Nothing is formatted here beyond turning
// the values into text, which lets the caller go on changing them: the map, the
// logrus entry, sorting, quoting and writing are the writer's, in the order in
// which events and chunks were handed over. An event below the log's level
// costs a comparison; above 32 KiB it is cut.
func (l *Log) Event(at time.Time, level Level, message string, fields ...Field) {
	if l == nil || level < Level(l.level.Load()) {
		return
	}
	var space [256]byte
	payload := append(space[:0], byte(level))
	payload = appendText(payload, message)
	for _, f := range fields {
		payload = appendText(payload, f.Key)
		payload = appendText(payload, textOf(f.Value))
	}
	l.event(at, payload)
}

// event queues an event's payload.
func (l *Log) event(at time.Time, payload []byte) {
	micros := at.UnixMicro()
	l.mu.Lock()
	if l.closing || !l.queue.room(len(payload), l.queue.max+l.queue.reserve) {
		l.drop(len(payload), micros)
		l.mu.Unlock()
		return
	}
	l.queue.put(header{what: eventHappened, micros: micros}, payload)
	l.stats.Events++
	ring := l.bell()
	l.mu.Unlock()
	if ring {
		l.ring()
	}
}

// textOf is a field's value as text, made before the caller can change it.
func textOf(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	case bool:
		return strconv.FormatBool(v)
	}
	return fmt.Sprint(value)
}

// appendText appends a text with its length before it, cut to what maxEvent
// leaves; a text for which nothing is left is not appended at all.
func appendText(payload []byte, text string) []byte {
	left := maxEvent - len(payload) - binary.MaxVarintLen32
	if left < len(cutMark) {
		return payload
	}
	if len(text) > left {
		text = text[:left-len(cutMark)] + cutMark
	}
	payload = binary.AppendUvarint(payload, uint64(len(text)))
	return append(payload, text...)
}

// takeText takes back what appendText appended; "" where nothing was.
func takeText(payload []byte) (text string, rest []byte) {
	if len(payload) == 0 {
		return "", nil
	}
	n, used := binary.Uvarint(payload)
	payload = payload[used:]
	return string(payload[:n]), payload[n:]
}
