package monitor

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// inPieces is a server's connections as a test wants them cut.
func inPieces(asked *[]int, pieces ...[]Connection) Pages {
	return Pages{Connections: func(_ context.Context, before int) ([]Connection, int, error) {
		*asked = append(*asked, before)
		n := len(*asked)
		return pieces[n-1], len(pieces) - n, nil
	}}
}

func read(t *testing.T, p Pages) []Connection {
	t.Helper()
	answer := get(p, "GET", "/connections.json")
	var got struct{ Connections []Connection }
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil || answer.Code != 200 || got.Connections == nil {
		t.Fatalf("%d %s: %v", answer.Code, answer.Body, err)
	}
	return got.Connections
}

func TestPiecesBecomeOneListWithoutRepetition(t *testing.T) {
	since := time.Unix(1_353_118_103, 0).UTC()
	a := Connection{Number: 1, Client: "127.0.0.1:1", Since: since, Lines: 7, Waiting: 2, Holds: "answers"}
	b, c := Connection{Number: 2, Client: "127.0.0.1:2"}, Connection{Number: 3, Client: "127.0.0.1:3"}
	later := a
	later.Lines++
	var asked []int
	got := read(t, inPieces(&asked, []Connection{a, b}, []Connection{}, []Connection{later, c}))
	if !slices.Equal(got, []Connection{a, b, c}) || !slices.Equal(asked, []int{math.MaxInt, 2, 1}) {
		t.Errorf("%+v, asked for %v", got, asked)
	}
	// Without a log connections have no number, and differ by their address.
	a.Number, b.Number = 0, 0
	asked = nil
	if got := read(t, inPieces(&asked, []Connection{a, b})); len(got) != 2 {
		t.Errorf("%+v", got)
	}
	asked = nil
	if got := read(t, inPieces(&asked, nil)); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestAListThatBreaksOffIsNoList(t *testing.T) {
	for _, fails := range []int{1, 2, 3} {
		asked := 0
		answer := get(Pages{Connections: func(context.Context, int) ([]Connection, int, error) {
			if asked++; asked == fails {
				return nil, 0, errors.New("it has ended")
			}
			return []Connection{{Client: fmt.Sprint(asked)}}, 3 - asked, nil
		}}, "GET", "/connections.json")
		if answer.Code != 503 || answer.Body.String() != "it has ended\n" || asked != fails {
			t.Errorf("piece %d failed: %d %q after %d", fails, answer.Code, answer.Body, asked)
		}
	}
}

func TestALoopThatHangsBetweenTwoPiecesIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pieces := 0
		answer := get(Pages{Connections: func(ctx context.Context, _ int) ([]Connection, int, error) {
			if pieces++; pieces == 2 {
				<-ctx.Done()
				return nil, 0, ctx.Err()
			}
			return nil, 1, nil
		}}, "GET", "/connections.json")
		if pieces != 2 || answer.Code != 503 || answer.Body.String() != "the server's loop has not answered within 1s\n" {
			t.Errorf("%d pieces, %d %q", pieces, answer.Code, answer.Body)
		}
	})
}
