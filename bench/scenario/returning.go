package scenario

import (
	"context"
	"errors"
	"fmt"
	"time"

	jsoniter "github.com/json-iterator/go"

	"proxyherd/bench/load"
	"proxyherd/bench/paired"
	"proxyherd/herd"
)

// Returned is how a server that had lost all got it back from its neighbour.
type Returned struct {
	Seconds float64 `json:"seconds"` // from its start until both said that they hold the same, to 0.05 s
	Longest float64 `json:"longest"` // of the latencies of the sender's clients meanwhile, in us

	// Sender and Receiver are what the two have counted in that time.
	Sender   *Told `json:"sender"`
	Receiver *Told `json:"receiver"`

	Errors load.Errors `json:"errors"` // of the sender's clients
	Others float64     `json:"others"` // as in load.Result, by the median
}

// neighbours are the two servers: the first is the one that clients report to, and the
// second is killed.
func neighbours() []herd.Server {
	return []herd.Server{{Name: "Hill", TalksTo: []string{"Meeks"}}, {Name: "Meeks", TalksTo: []string{"Hill"}}}
}

// comeBack kills the second server, which keeps nothing on disk, starts it anew and looks
// on until it has everything, while clients report to the first.
func (r *run) comeBack(ctx context.Context, point Point) (*Returned, error) {
	clients := clientsAt(point)
	if r.loaded < clients {
		if err := r.put(ctx, point, &Measurement{}); err != nil {
			return nil, err
		}
	}
	if err := r.untilSame(ctx, clients); err != nil {
		return nil, err
	}
	sender, receiver := r.servers[0], r.servers[1]
	receiver.Kill()
	before, err := tell(ctx, sender.HTTP)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := receiver.Restart(ctx); err != nil {
		return nil, err
	}
	seen, stop, loaded := &Returned{}, make(chan struct{}), make(chan error, 1)
	go func() { loaded <- seen.besides(ctx, r.options(point), stop) }()
	err = r.untilSame(ctx, clients)
	seen.Seconds = time.Since(began).Seconds()
	if err == nil {
		seen.Sender, err = tell(ctx, sender.HTTP)
	}
	if err == nil {
		seen.Sender.less(before)
		seen.Receiver, err = tell(ctx, receiver.HTTP)
	}
	close(stop)
	if err = errors.Join(err, <-loaded); err != nil {
		return nil, err
	}
	return seen, nil
}

// besides puts a load until stop, in pieces, as nobody knows how long that will be.
func (seen *Returned) besides(ctx context.Context, o load.Options, stop <-chan struct{}) error {
	o.Warmup, o.Duration = 0, 500*time.Millisecond
	var others []float64
	for {
		result, err := load.Run(ctx, o)
		if err != nil {
			return err
		}
		seen.Longest = max(seen.Longest, result.Latency.Max)
		if others = append(others, result.Others); seen.Errors.Sum() == 0 {
			seen.Errors = result.Errors
		}
		select {
		case <-stop:
			seen.Others = paired.Of(others).Median
			return nil
		default:
		}
	}
}

// errNotSame are two servers that do not come to hold the same.
var errNotSame = errors.New("the two servers have not come to hold the same")

// untilSame waits until the two servers hold so many records, and each says that the
// other holds the same but for what is on its way.
func (r *run) untilSame(ctx context.Context, records int) error {
	const patience = 5 * time.Minute
	for _, s := range r.servers {
		if err := s.WaitForPages(ctx); err != nil {
			return err
		}
	}
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for late := time.After(patience); ; {
		same := true
		for _, s := range r.servers {
			status, err := statusOf(ctx, s.HTTP)
			if err != nil {
				return err
			}
			same = same && status.Records >= records && status.Links[0].Up && status.Links[0].Sync == herd.InSync
		}
		if same {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return fmt.Errorf("%w: after %v", errNotSame, patience)
		}
	}
}

// statusOf asks a server how it is.
func statusOf(ctx context.Context, address string) (status herd.Status, err error) {
	page, err := look(ctx, address, "/status.json")
	if err != nil {
		return status, err
	}
	defer page.Close()
	return status, jsoniter.NewDecoder(page).Decode(&status)
}
