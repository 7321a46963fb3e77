//go:build linux

package sockets

import (
	"net"
	"syscall"
	"testing"
	"time"

	"proxyherd/reactor/task"
)

// TestOnTheWay: which views of the kernel's are not the end of a step.
func TestOnTheWay(t *testing.T) {
	here, there := syscall.SockaddrInet4{Port: 1}, syscall.SockaddrInet4{Port: 2}
	out, back := pair{here, there}, pair{there, here}
	const closeWait = 8
	for _, c := range []struct {
		name string
		view view
		want bool
	}{
		{"nothing", view{}, false},
		{"two ends at rest", view{out: {tcp: established}, back: {tcp: established}}, false},
		{"an attempt to connect", view{pair{local: here}: {tcp: synSent}}, true},
		{"bytes not acknowledged", view{out: {established, 5, 0}, back: {tcp: established}}, true},
		{"bytes behind a reader that pauses", view{out: {established, 5, 0}, back: {established, 0, 9}}, false},
		{"an end of stream not acknowledged", view{out: {finWait1, 1, 0}, back: {tcp: established}}, true},
		{"one direction ended", view{out: {tcp: finWait2}, back: {tcp: closeWait}}, false},
		{"a peer not accepted yet, or that has just closed", view{out: {tcp: established}}, true},
		{"a peer that has closed, its end of stream come", view{out: {tcp: closeWait}}, false},
		{"a peer that has closed, input left unread", view{out: {established, 0, 7}}, false},
	} {
		if got := c.view.onTheWay(); got != c.want {
			t.Errorf("%s: on the way %t, want %t", c.name, got, c.want)
		}
	}
}

// TestLook: what the view has of a real connection, of which one side alone has
// read.
func TestLook(t *testing.T) {
	l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.DialTCP("tcp4", nil, l.Addr().(*net.TCPAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if _, err := client.Write([]byte("seven b")); err != nil {
		t.Fatal(err)
	}
	number := l.Addr().(*net.TCPAddr).Port
	if _, err := server.Read(make([]byte, 3)); err != nil { // it waits for them
		t.Fatal(err)
	}
	unread := 0
	v := look([]int{number})
	for ends, s := range v {
		if s.tcp != established {
			t.Errorf("the end at port %d is in state %d", ends.local.Port, s.tcp)
		}
		unread += s.unread
	}
	if len(v) != 2 || unread != 4 {
		t.Errorf("the view has %d ends and %d bytes unread, want 2 and 4: %v", len(v), unread, v)
	}
	if other := look([]int{1}); len(other) != 0 {
		t.Errorf("another port's view has %v", other)
	}
}

// TestQuietWaits: a step is over when calls that are due soon have run, and when
// what they brought is over too; calls that are due later do not hold it up.
func TestQuietWaits(t *testing.T) {
	clock := &task.Clock{}
	over, settled := 0, false
	q := &quiet{reactor: clock, numbers: []int{1}, over: func(s bool) { over++; settled = s }}
	worked := 0
	clock.CallLater(10*time.Millisecond, func() {
		worked++
		q.changes++
		clock.CallLater(20*time.Millisecond, func() { worked++; q.changes++ })
	})
	clock.CallLater(30*time.Second, func() { t.Error("the late call was waited for") })
	q.begin()
	for advances := 0; over == 0 && advances < 1000; advances++ {
		clock.Advance(time.Millisecond)
	}
	if over != 1 || !settled || worked != 2 {
		t.Fatalf("over %d times, settled %t, after %d calls; want once, true, 2", over, settled, worked)
	}
}

// TestQuietGivesUp: a step that does not end is called unsettled.
func TestQuietGivesUp(t *testing.T) {
	clock := &task.Clock{}
	over, settled := 0, true
	q := &quiet{reactor: clock, numbers: []int{1}, over: func(s bool) { over++; settled = s }}
	var again func()
	again = func() {
		q.changes++
		clock.CallLater(20*time.Millisecond, again)
	}
	again()
	q.begin()
	for advances := 0; over == 0 && advances < 10_000; advances++ {
		clock.Advance(50 * time.Millisecond)
	}
	if over != 1 || settled {
		t.Fatalf("over %d times, settled %t; want once, false", over, settled)
	}
}
