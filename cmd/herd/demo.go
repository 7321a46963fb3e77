package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

func newDemo() *cobra.Command {
	var stay bool
	page := usualPage
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show, in less than 20 seconds, what the herd does",
		Long: `Starts the built-in herd on free ports, tells one server where a client is, asks the
others, kills a server, brings it back, and shows that it knows what it missed. All
that it says is checked: the exit code is 1 if anything did not happen.

The live page shows it in a browser, at an address that is told. At a terminal, and
with --stay anywhere, the herd then goes on until Ctrl-C or SIGTERM, and is yours:
the page has buttons that stop, kill and start its servers and cut its links.`,
		Example: examples("herd demo", "herd demo --stay=false"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if !c.Flags().Changed("stay") {
				_, stay = terminalOf(c.InOrStdin(), c.OutOrStdout())
			}
			ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			dir, err := os.MkdirTemp("", "herd-demo-")
			if err != nil {
				return fmt.Errorf("a directory for the demo's logs: %w", err)
			}
			defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
			live, err := openPageAt(page)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, live.close()) }()
			st, err := newStage(ctx, c.OutOrStdout(), dir)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, st.clear()) }()
			return demo{stage: st, hands: &hands{st: st}, live: live, stay: stay, unhook: stop}.play()
		},
	}
	c.Flags().BoolVar(&stay, "stay", false, "leave the herd up when the play is over (default: at a terminal)")
	addPage(c, &page)
	return c
}

// demo is the play, and what comes after it.
type demo struct {
	*stage
	hands  *hands
	live   *livePage // nil: none
	stay   bool
	unhook func() // leaves signals to the system: the next one ends the program
}

// What the demo's clients say. The first line is the assignment's own example.
const (
	kiwi         = "kiwi.cs.ucla.edu"
	kiwiIsAt     = "IAMAT kiwi.cs.ucla.edu +34.068930-118.445127 1479413884.392014450"
	whatsNear    = "WHATSAT kiwi.cs.ucla.edu 10 5"
	mango        = "mango.cs.ucla.edu"
	mangoIsAt    = "IAMAT mango.cs.ucla.edu +27.7172+085.3240 %d.%09d"
	whatsAtMango = "WHATSAT mango.cs.ucla.edu 10 3"
)

// play is the demo: what happens, in the words of the terminal.
func (st demo) play() error {
	began := time.Now()
	if st.live != nil {
		st.hands.set(false, "The demo is playing. When it is over, the buttons work.")
		if err := st.live.serve(st.config, st.hands); err != nil {
			return err
		}
		st.say("Watch it in a browser: %s\n", st.live.url())
	}
	for _, act := range []func() error{st.start, st.report, st.everybodyKnows, st.kill, st.missed, st.comeBack, st.linger, st.stop} {
		if err := act(); err != nil {
			return err
		}
	}
	if !st.stay {
		st.say("\nThat took %.1f seconds, and each step was checked as it happened.", time.Since(began).Seconds())
	}
	st.say("Now run it yourself: %s up", programName())
	return nil
}

func (st demo) start() error {
	st.say("1. Five servers start, each a process of its own. A stand-in answers for Twitter,\n" +
		"   whose old search was switched off in 2013.")
	if err := st.startAll(); err != nil {
		return err
	}
	st.say("   Farmar and Gasol talk to Meeks and Young; Hill talks to Meeks alone.")
	return nil
}

func (st demo) report() error {
	st.say("\n2. A client, %s, tells Farmar where it is:", kiwi)
	return st.reportTo("Farmar", kiwi, kiwiIsAt)
}

func (st demo) everybodyKnows() error {
	st.say("\n3. Farmar told its neighbours, and they told theirs: at any other server one can ask\n"+
		"   what goes on within 10 km of the client, 5 tweets at most.\n   > %s", whatsNear)
	for _, server := range []string{"Gasol", "Hill", "Meeks", "Young"} {
		if err := st.knows(server, kiwi, whatsNear); err != nil {
			return err
		}
	}
	st.say("   All four give Farmar's line, byte for byte, and the tweets.")
	return nil
}

func (st demo) kill() error {
	st.say("\n4. Meeks is killed (SIGKILL): it has no time to tell anybody or save anything.")
	return st.killed("Meeks")
}

func (st demo) missed() error {
	st.say("\n5. Meanwhile another client, %s, tells Farmar where it is:", mango)
	now := time.Now()
	if err := st.reportTo("Farmar", mango, fmt.Sprintf(mangoIsAt, now.Unix(), now.Nanosecond())); err != nil {
		return err
	}
	st.say("   > %s", whatsAtMango)
	if err := st.knows("Gasol", mango, whatsAtMango); err != nil {
		return err
	}
	if err := st.knowsNot("Hill", whatsAtMango); err != nil {
		return err
	}
	st.say("   Gasol heard it through Young. Hill is cut off, and says so with a question mark.")
	return nil
}

func (st demo) comeBack() error {
	st.say("\n6. Meeks is started again, with nothing in its memory. Its neighbours tell it what\n"+
		"   they know, and it tells Hill.\n   > %s", whatsAtMango)
	if err := st.startOne("Meeks"); err != nil {
		return err
	}
	for _, server := range []string{"Meeks", "Hill"} {
		if err := st.knows(server, mango, whatsAtMango); err != nil {
			return err
		}
	}
	st.say("   And Meeks knows the first client again:\n   > %s", whatsNear)
	return st.knows("Meeks", kiwi, whatsNear)
}

// linger leaves the herd to who is at the page, until a signal.
func (st demo) linger() error {
	if !st.stay {
		return nil
	}
	st.say("\n7. Each step was checked as it happened. The herd is yours now, until Ctrl-C.")
	if st.live != nil {
		st.say("   Stop, kill and start servers, cut links, and see it heal: %s", st.live.url())
	}
	st.hands.set(true, "The herd is yours: stop, kill and start servers, cut links.")
	<-st.ctx.Done()
	st.unhook()
	st.hands.shut("The demo has ended.")
	st.stage.ctx = context.Background() // there is something left to do
	return nil
}

func (st demo) stop() error {
	step := 7
	if st.stay {
		step++
	}
	st.say("\n%d. All are asked to stop (SIGTERM).", step)
	if err := st.stopAll(); err != nil {
		return err
	}
	st.say("   Each has ended in order, with exit code 0.")
	return nil
}
