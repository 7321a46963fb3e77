// Command nearby asks a web service what is at a place, and prints its answer: one line of JSON.
//
//	go run ./docs/examples/nearby wikipedia 27.5916 86.5640 10 3
//
// It is a whole program on the reactor. In Twisted it would be written with Twitty Twister (dustin/twitty-twister), whose
// names stand beside those used here.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"proxyherd/herd/twister"
	"proxyherd/herd/upstream"
	"proxyherd/reactor/gnetreactor"
)

var errUsage = errors.New("write: nearby KIND LATITUDE LONGITUDE RADIUS LIMIT, with a key in HERD_UPSTREAM_KEY where the kind needs one")

func main() {
	if err := run(os.Args[1:], "", os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "nearby:", err)
		os.Exit(1)
	}
}

// run asks the service of the kind that the arguments name, at its own address if url is "".
func run(args []string, url string, out io.Writer) error {
	if len(args) != 5 {
		return errUsage
	}
	limit, err := strconv.Atoi(args[4])
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	config := upstream.Config{URL: url} // Twitter(base_url=...)
	if config.Kind, err = upstream.Named(args[0]); err != nil {
		return err
	}
	if text := os.Getenv("HERD_UPSTREAM_KEY"); text != "" {
		if config.Key, err = upstream.NewKey(text); err != nil { // Twitter(consumer=..., token=...)
			return err
		}
	}
	client, err := upstream.New(config) // its timeout is 5 s; Twitter(timeout=0) has none
	if err != nil {
		return err
	}
	defer client.Close()

	loop := gnetreactor.New(gnetreactor.Config{})
	place := twister.Place{Latitude: args[1], Longitude: args[2], Radius: args[3]}
	var failed error
	loop.CallWhenRunning(func() {
		d := twister.New(loop, client).Nearby(place, limit) // Twitter.search("", delegate, extra_args={"geocode": ...})
		d.AddBoth(func(line []byte, err error) ([]byte, error) {
			failed = err
			if err == nil {
				_, failed = fmt.Fprintf(out, "%s\n", line) // delegate(entry), once for each entry of an Atom feed
			}
			return nil, loop.Stop()
		})
	})
	return errors.Join(loop.Run(), failed)
}
