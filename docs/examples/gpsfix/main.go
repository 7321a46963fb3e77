// Command gpsfix prints the fixes of a GPS device that speaks NMEA 0183, from
// standard input or from a TCP port, such as ser2net's.
//
//	go run ./docs/examples/gpsfix </dev/ttyUSB0
//	go run ./docs/examples/gpsfix -address tcp:127.0.0.1:10110
//
// Beside it: doc/core/examples/gpsfix.py, and twisted/protocols/gps/nmea.py,
// which nmea.go stands for. There are no serial ports on this reactor: a file
// that may make the reader wait is read on a goroutine, which hands each piece
// to the loop. Notice how a base of one's own finds the methods of what embeds it
// (NMEAReceiver.MakeConnection), and that a wrong checksum is told and passed
// over: Twisted's raises, and the device is gone.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/endpoints"
	"proxyherd/reactor/gnetreactor"
	"proxyherd/reactor/threads"
)

// GPSTest prints what a device tells, and stops the reactor after it.
type GPSTest struct {
	NMEAReceiver
	loop reactor.Core
	out  io.Writer
}

// FixReceived prints a fix.
func (g *GPSTest) FixReceived(f Fix) {
	if !f.Valid {
		fmt.Fprintln(g.out, "fix: none yet")
		return
	}
	fmt.Fprintf(g.out, "fix: %.5f %.5f, %.1f m, at %v UTC, with %d satellites, HDOP %.1f\n",
		f.Latitude, f.Longitude, f.Altitude, f.UTC, f.Satellites, f.HDOP)
}

// PositionTimeReceived prints a position.
func (g *GPSTest) PositionTimeReceived(p PositionTime) {
	if !p.Valid {
		fmt.Fprintln(g.out, "position: none yet")
		return
	}
	fmt.Fprintf(g.out, "position: %.5f %.5f, at %s, %.1f knots towards %.1f degrees\n",
		p.Latitude, p.Longitude, p.UTC.Format("2006-01-02 15:04:05 MST"), p.Speed, p.Course)
}

// SentenceRefused prints what was wrong.
func (g *GPSTest) SentenceRefused(err error) { fmt.Fprintln(g.out, "passed over:", err) }

// ConnectionLost ends the program.
func (g *GPSTest) ConnectionLost(reason error) {
	fmt.Fprintln(g.out, "no more from the device:", reason)
	_ = g.loop.Stop() // an error means that Ctrl-C was faster
}

// start has gps read from an endpoint, or where that is "" from file.
func start(r reactor.Reactor, gps *GPSTest, address string, file io.Reader) error {
	if address == "" {
		gps.MakeConnection(gps, nil) // it never writes, so it needs no transport
		go feed(r, gps, file)
		return nil
	}
	endpoint, err := endpoints.ClientFromString(r, address)
	if err != nil {
		return err
	}
	endpoints.ConnectProtocol(endpoint, gps).AddErrback(func(err error) (*GPSTest, error) {
		gps.ConnectionLost(err)
		return nil, nil
	})
	return nil
}

// feed hands what it reads to a protocol on the loop, a piece at a time: it
// reads on when the last piece has been used. It has a goroutine to itself,
// because a read of a terminal or a serial line ends when it likes, and the
// reactor's end waits for its own workers.
func feed(loop threads.Loop, p reactor.Protocol, file io.Reader) {
	data := make([]byte, 4096)
	for {
		n, end := file.Read(data)
		if n > 0 {
			_, err := threads.BlockingCallFromThread(loop, func() *deferred.Deferred[struct{}] {
				return deferred.Execute(func() (struct{}, error) { return struct{}{}, p.DataReceived(p, data[:n]) })
			})
			if err != nil {
				end = err
			}
		}
		if errors.Is(end, io.EOF) {
			end = reactor.ErrConnectionDone
		}
		if end != nil {
			loop.CallFromThread(func() { p.ConnectionLost(end) })
			return
		}
	}
}

func main() {
	address := flag.String("address", "", "read from this `endpoint`, such as tcp:127.0.0.1:10110, and not from standard input")
	flag.Parse()
	loop := gnetreactor.New(gnetreactor.Config{})
	if err := start(loop, &GPSTest{loop: loop, out: os.Stdout}, *address, os.Stdin); err != nil {
		log.Fatal(err)
	}
	if err := loop.Run(); err != nil {
		log.Fatal(err)
	}
}
