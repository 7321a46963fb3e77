package monitor

import (
	"context"
	"math"
	"net/http"
	"time"
)

// Connection is one client's connection, as it stood when its piece was taken.
type Connection struct {
	Number  uint64    `json:"number"` // as in the log
	Client  string    `json:"client"`
	Since   time.Time `json:"since"`   // to the second
	Lines   uint32    `json:"lines"`   // commands so far; after 4,294,967,295 it begins anew
	Waiting int       `json:"waiting"` // WHATSATs
	Holds   string    `json:"holds"`   // why its commands are not read for now: output, answers, turn
}

// key tells a connection from every other, also where none has a number.
type key struct {
	number uint64
	client string
}

// connections answers with all connections. A piece is asked for once the one
// before has come, so whoever asks and leaves costs the loop nothing more; each
// has the loop's patience for itself.
func (p Pages) connections(w http.ResponseWriter, r *http.Request) {
	all := []Connection{}
	seen := make(map[key]bool)
	for before := math.MaxInt; before != 0; {
		next := 0
		piece, err := ask(r, func(ctx context.Context) (piece []Connection, err error) {
			piece, next, err = p.Connections(ctx, before)
			return piece, err
		})
		if err != nil {
			unavailable(w, err)
			return
		}
		for _, c := range piece {
			// One that took the place of a connection that has ended comes twice.
			if k := (key{c.Number, c.Client}); !seen[k] {
				seen[k] = true
				all = append(all, c)
			}
		}
		before = next
	}
	sendJSON(w, struct {
		Connections []Connection `json:"connections"`
	}{all})
}
