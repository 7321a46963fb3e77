package wirelog

import (
	"bytes"
	"io"
	"slices"
	"time"

	"github.com/sirupsen/logrus"
)

// There are two logrus loggers, so that events keep their place among the lines
// and nobody formats on the loop. The front is what other code is given: its
// hook queues each entry as Event does, and it writes nothing itself. The back
// belongs to the writer's goroutine: it formats what was queued into the file's
// buffer.

// Logger returns a logrus logger whose entries become events of this log, for
// code that wants one; gnet takes it as its logging.Logger. Its Fatal closes
// the log before it exits.
func (l *Log) Logger() *logrus.Logger {
	if l == nil {
		silent := logrus.New()
		silent.SetOutput(io.Discard)
		return silent
	}
	return l.front
}

func newFront(l *Log, options Options) *logrus.Logger {
	front := logrus.New()
	front.SetOutput(io.Discard)
	front.SetFormatter(nothing{})
	front.SetLevel(toLogrus(options.Level))
	front.AddHook(hook{l})
	front.ExitFunc = func(code int) {
		// Whatever Close finds, the program was told to exit with this code.
		_ = l.Close()
		options.exit(code)
	}
	return front
}

// hook queues the front's entries.
type hook struct{ log *Log }

func (hook) Levels() []logrus.Level { return logrus.AllLevels }

func (h hook) Fire(entry *logrus.Entry) error {
	keys := make([]string, 0, len(entry.Data))
	for key := range entry.Data {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	fields := make([]Field, len(keys))
	for i, key := range keys {
		fields[i] = F(key, entry.Data[key])
	}
	h.log.Event(entry.Time, fromLogrus(entry.Level), entry.Message, fields...)
	return nil
}

// nothing formats an entry as no bytes: the hook has already taken it.
type nothing struct{}

func (nothing) Format(*logrus.Entry) ([]byte, error) { return nil, nil }

// newBack makes the logger that formats events into out.
func newBack(out io.Writer) *logrus.Logger {
	back := logrus.New()
	back.SetOutput(out)
	back.SetFormatter(&eventFormat{})
	back.SetLevel(logrus.TraceLevel)
	return back
}

// logEvent gives the back one event as it was queued.
func logEvent(back *logrus.Logger, micros int64, payload []byte) {
	level, rest := Level(int8(payload[0])), payload[1:]
	message, rest := takeText(rest)
	fields := make(logrus.Fields)
	for len(rest) > 0 {
		var key, value string
		key, rest = takeText(rest)
		value, rest = takeText(rest)
		fields[key] = value
	}
	back.WithTime(time.UnixMicro(micros)).WithFields(fields).Log(toLogrus(level), message)
}

// eventFormat is the file's event record as a logrus formatter. logrus's own
// text format writes keys as they are, so a key with a line end could forge a
// record, and its time stands where a reader of lines does not look for it.
type eventFormat struct{ clock clock }

func (f *eventFormat) Format(entry *logrus.Entry) ([]byte, error) {
	buffer := entry.Buffer
	if buffer == nil {
		buffer = &bytes.Buffer{}
	}
	b := f.clock.append(buffer.AvailableBuffer(), entry.Time.UnixMicro())
	b = append(b, " ! "...)
	b = append(b, fromLogrus(entry.Level).String()...)
	b = appendQuoted(append(b, ' '), []byte(entry.Message))
	keys := make([]string, 0, len(entry.Data))
	for key := range entry.Data {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		b = appendWord(append(b, ' '), key)
		b = appendWord(append(b, '='), textOf(entry.Data[key]))
	}
	b = append(b, '\n')
	buffer.Write(b)
	return buffer.Bytes(), nil
}

// logrus has two levels that the log has not: fatal and panic are errors here,
// since what they do to the program is not the file's.
func fromLogrus(level logrus.Level) Level {
	return max(Trace, min(Error, Info+Level(logrus.InfoLevel)-Level(level)))
}

func toLogrus(level Level) logrus.Level {
	return logrus.Level(int(logrus.InfoLevel) - int(level))
}
