package sse

import (
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestWhatIsWrittenIsRead(t *testing.T) {
	long := strings.Repeat("x", 200<<10) // more than the reader's buffer
	answer := httptest.NewRecorder()
	out := Begin(answer, ContentType)
	events := []Event{{"first", []byte(`{"a":1}`)}, {"second", []byte(long)}, {"third", []byte(`"data: event: "`)}}
	for _, e := range events {
		if !out.Event(e) {
			t.Fatal("it was not taken")
		}
	}
	if h := answer.Header(); h.Get("Content-Type") != "text/event-stream" || h.Get("Cache-Control") != "no-store" || !answer.Flushed {
		t.Errorf("%v, flushed: %v", h, answer.Flushed)
	}
	read := 0
	err := Read(answer.Body, func(e Event) bool {
		if e.Name != events[read].Name || string(e.Data) != string(events[read].Data) {
			t.Errorf("event %d is %s %.40q", read, e.Name, e.Data)
		}
		read++
		return true
	})
	if err != io.EOF || read != len(events) {
		t.Errorf("%d events were read, and then %v", read, err)
	}
}

func TestReadingEndsWhenAnEventIsNotTaken(t *testing.T) {
	read := 0
	err := Read(strings.NewReader("data: 1\n\ndata: 2\n\n"), func(Event) bool { read++; return false })
	if err != nil || read != 1 {
		t.Errorf("%d events, %v", read, err)
	}
}

func TestALineThatIsTooLong(t *testing.T) {
	endless := strings.NewReader("data: " + strings.Repeat("x", 2*maxLine))
	if err := Read(endless, func(Event) bool { return true }); !errors.Is(err, ErrTooLong) {
		t.Error(err)
	}
}
