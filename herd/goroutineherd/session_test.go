package goroutineherd_test

import (
	"fmt"
	"strings"
	"testing"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
)

func TestAClientWithManyCommandsLetsTheOthersHaveTheirTurn(t *testing.T) {
	const sent, perTurn = 5000, 7
	alone(t, func(l *herd.Limits) { l.CommandsPerTurn = perTurn }, func(t *testing.T, b *herdtest.Bubble) {
		var commands strings.Builder
		for i := range sent {
			fmt.Fprintf(&commands, "c%d\n", i)
		}
		c := b.Connect(solo)
		c.Send([]byte(commands.String()))
		c.End()
		b.Wait(c.Ended)
		got := lines(c)
		if len(got) != sent {
			t.Fatalf("%d answers, want %d", len(got), sent)
		}
		for i, line := range got {
			if line != fmt.Sprintf("? c%d", i) {
				t.Fatalf("answer %d is %q", i, line)
			}
		}
		if n := b.Servers[solo].Status().Yielded; n < sent/perTurn/2 {
			t.Errorf("only %d turns ended early", n)
		}
	})
}
