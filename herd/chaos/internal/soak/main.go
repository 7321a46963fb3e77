// Soak lets a herd of five real processes work for an hour, with clients that come
// and go and a server that is started anew now and then, and looks whether anything
// grows.
//
//	go run ./herd/chaos/internal/soak -binary bin/herd -time 1h -out soak
//
// It writes soak.json, the samples, and soak.svg, a picture of them. It exits with 0
// if nothing has grown, nothing was lost and the servers have agreed at each sample.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"proxyherd/bench/plots"
	"proxyherd/herd/chaos/stage"
)

// options are the flags.
type options struct {
	binary, design, journal, out, from string
	length, every                      time.Duration
	rate                               int
}

func main() {
	var o options
	flag.StringVar(&o.binary, "binary", "bin/herd", "the program that the servers are")
	flag.StringVar(&o.design, "design", "mixed", "how they are built: "+strings.Join(stage.Designs, ", "))
	flag.StringVar(&o.journal, "journal", "none", "whether they have journals, and when these are safe: "+strings.Join(stage.Journals, ", "))
	flag.DurationVar(&o.length, "time", time.Hour, "how long it takes")
	flag.DurationVar(&o.every, "every", 10*time.Second, "the time from sample to sample")
	flag.IntVar(&o.rate, "rate", 500, "reports a second, if the servers keep up")
	flag.StringVar(&o.out, "out", "soak", "the results, to which .json and .svg are added")
	flag.StringVar(&o.from, "from", "", "only judge and draw results that are there: the .json of another run")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ok, err := o.run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "soak: %v\n", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

// run makes results, or reads them, and judges and draws them.
func (o *options) run(ctx context.Context, w io.Writer) (ok bool, err error) {
	var r results
	if o.from != "" {
		text, err := os.ReadFile(o.from)
		if err == nil {
			err = json.Unmarshal(text, &r)
		}
		if err != nil {
			return false, err
		}
	} else if err = o.soak(ctx, w, &r); err != nil {
		return false, err
	}
	if err := o.write(&r); err != nil {
		return false, err
	}
	return r.tell(w), nil
}

// write writes the samples and their picture.
func (o *options) write(r *results) error {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(o.out+".json", append(text, '\n'), 0o644); err != nil {
		return err
	}
	picture, err := os.Create(o.out + ".svg")
	if err != nil {
		return err
	}
	if err := plots.Write(picture, plots.SVG, r.panels()...); err != nil {
		_ = picture.Close() // it is of no use
		return err
	}
	return picture.Close()
}
