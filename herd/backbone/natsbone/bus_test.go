package natsbone

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"proxyherd/herd/backbone"
)

// ear is a receiver that writes down what it hears.
type ear struct {
	mu             sync.Mutex
	opened, missed int
	lost           error
	heard          []backbone.Message
	hold           chan struct{} // if not nil, batches are heeded only once it is closed
}

func (e *ear) Opened()        { e.change(func() { e.opened++ }) }
func (e *ear) Lost(why error) { e.change(func() { e.lost = why }) }
func (e *ear) Missed()        { e.change(func() { e.missed++ }) }

func (e *ear) Received(batch []backbone.Message, taken func()) {
	e.change(func() { e.heard = append(e.heard, batch...) })
	if e.hold == nil {
		taken()
		return
	}
	go func() {
		<-e.hold
		taken()
	}()
}

func (e *ear) change(f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f()
}

func (e *ear) is(f func() bool) func() bool {
	return func() bool {
		e.mu.Lock()
		defer e.mu.Unlock()
		return f()
	}
}

// listen opens a bus, with an ear at some subjects.
func listen(t *testing.T, o Options, subjects ...string) (*Bus, *ear) {
	t.Helper()
	b, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	e := &ear{}
	b.Start(subjects, e)
	return b, e
}

// open is listen, and waits for the connection.
func open(t *testing.T, url string, subjects ...string) (*Bus, *ear) {
	t.Helper()
	b, e := listen(t, Options{URL: url, Name: t.Name()}, subjects...)
	until(t, "the bus is connected", e.is(func() bool { return e.opened == 1 }))
	return b, e
}

func TestMessagesComeInTheirOrderWhateverTheSubject(t *testing.T) {
	n := startNATS(t, nil)
	from, own := open(t, n.url(), "a.*", "b")
	_, to := open(t, n.url(), "a.*", "b")
	const each = 500
	for i := range each {
		for _, subject := range []string{"a.1", "b", "a.2", "a.2.3", "c"} {
			if !from.Publish(backbone.Message{Subject: subject, Data: fmt.Append(nil, i)}) {
				t.Fatal("a message was refused")
			}
		}
	}
	until(t, "all have come", to.is(func() bool { return len(to.heard) == 3*each }))
	for i, m := range to.heard {
		if want := []string{"a.1", "b", "a.2"}[i%3]; m.Subject != want || string(m.Data) != fmt.Sprint(i/3) {
			t.Fatalf("message %d is %s %q", i, m.Subject, m.Data)
		}
	}
	if len(own.heard) != 0 {
		t.Errorf("who has sent them hears %d of them", len(own.heard))
	}
}

func TestAQuestionThatNobodyHears(t *testing.T) {
	n := startNATS(t, nil)
	from, e := open(t, n.url(), "answers.*")
	from.Publish(backbone.Message{Subject: "nobody", Reply: "answers.7", Data: []byte("anybody?")})
	until(t, "the answer is there", e.is(func() bool { return len(e.heard) == 1 }))
	if m := e.heard[0]; !m.Unheard || m.Subject != "answers.7" || len(m.Data) != 0 {
		t.Errorf("the answer is %+v", m)
	}
}

func TestABusOutlivesItsServer(t *testing.T) {
	n := startNATS(t, nil)
	from, e := open(t, n.url(), "x")
	other, to := open(t, n.url(), "x")
	n.stop()
	until(t, "the loss is told", e.is(func() bool { return e.lost != nil }))
	if from.Publish(backbone.Message{Subject: "x", Data: []byte("lost")}) {
		t.Error("without a server a message is taken")
	}
	n.start()
	until(t, "both are there again", func() bool {
		return e.is(func() bool { return e.opened == 2 })() && to.is(func() bool { return to.opened == 2 })()
	})
	from.Publish(backbone.Message{Subject: "x", Data: []byte("found")})
	until(t, "a message has come", to.is(func() bool { return len(to.heard) > 0 }))
	if got := string(to.heard[0].Data); got != "found" {
		t.Errorf("it is %q", got)
	}
	other.Close()
	other.Close() // again
	if other.Publish(backbone.Message{Subject: "x"}) {
		t.Error("a bus that is closed takes a message")
	}
}

func TestABusWaitsForAServerThatIsNotThere(t *testing.T) {
	n := startNATS(t, nil)
	url := n.url()
	n.stop()
	_, e := listen(t, Options{URL: url}, "x")
	until(t, "it is told that there is none", e.is(func() bool { return e.lost != nil }))
	n.start()
	until(t, "the bus is connected", e.is(func() bool { return e.opened == 1 }))
}

func TestWhatIsSaidLastIsSent(t *testing.T) {
	n := startNATS(t, nil)
	from, _ := open(t, n.url())
	_, to := open(t, n.url(), "x")
	for range 1000 {
		from.Publish(backbone.Message{Subject: "x", Data: make([]byte, 1000)})
	}
	from.Close()
	until(t, "all have come", to.is(func() bool { return len(to.heard) == 1000 }))
}

// Who does not keep up loses messages, is told, and hears what comes later.
func TestAnEarThatIsSlowIsToldWhatItMisses(t *testing.T) {
	n := startNATS(t, nil)
	from, _ := open(t, n.url())
	b, err := New(Options{URL: n.url()})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	e := &ear{hold: make(chan struct{})}
	b.Start([]string{"x"}, e)
	until(t, "the bus is connected", e.is(func() bool { return e.opened == 1 }))
	for range 2 * mostComing {
		from.Publish(backbone.Message{Subject: "x", Data: []byte("much")})
	}
	until(t, "something is missing", e.is(func() bool { return e.missed > 0 }))
	close(e.hold)
	until(t, "what comes later is heard", func() bool {
		from.Publish(backbone.Message{Subject: "x", Data: []byte("later")})
		return e.is(func() bool {
			return slices.ContainsFunc(e.heard, func(m backbone.Message) bool { return string(m.Data) == "later" })
		})()
	})
	if e.is(func() bool { return len(e.heard) >= 2*mostComing })() {
		t.Error("nothing was missing")
	}
}

func TestAServerThatCarriesTooLittleIsNoBus(t *testing.T) {
	n := startNATS(t, func(o *server.Options) { o.MaxPayload = 64 << 10 })
	b, e := listen(t, Options{URL: n.url()}, "x")
	until(t, "the bus says why", e.is(func() bool { return errors.Is(e.lost, errSmallPayload) }))
	if e.opened != 0 || b.Publish(backbone.Message{Subject: "x"}) {
		t.Error("it is used all the same")
	}
}

// A server that asks for a password goes on refusing, and says so.
func TestAServerThatDoesNotKnowUs(t *testing.T) {
	n := startNATS(t, func(o *server.Options) { o.Authorization = "a token" })
	_, e := listen(t, Options{URL: n.url()}, "x")
	until(t, "the bus says why", e.is(func() bool { return errors.Is(e.lost, nats.ErrAuthorization) }))
}

func TestFilesThatAreNotGood(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad")
	if err := os.WriteFile(bad, []byte("nothing of use"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{
		{Credentials: bad + "not"}, {Credentials: bad}, {CA: bad + "not"}, {CA: bad},
	} {
		_, err := New(o)
		key := "backbone.ca_file"
		if o.Credentials != "" {
			key = "backbone.credentials_file"
		}
		if err == nil || !strings.HasPrefix(err.Error(), key+": ") {
			t.Errorf("%+v: %v, want what is wrong with %s", o, err, key)
		}
	}
}
