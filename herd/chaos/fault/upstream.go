package fault

import (
	"context"
	"time"

	"proxyherd/herd/chaos/stage"
)

var slowUpstream = mood("slow-upstream", "the upstream takes longer than is waited for", stage.Slow)

var lyingUpstream = mood("lying-upstream", "the upstream answers with errors, nonsense, too much, too little, or not at all", stage.Lying)

func mood(name, what string, m stage.Mood) Fault {
	return Fault{
		Name: name, What: what,
		Aim: theUpstream, Holds: "mood of ", Least: 2 * time.Second, Most: 6 * time.Second,
		Start: func(_ context.Context, h *Hit) (func() error, error) {
			h.Stage.Upstream.Set(m)
			return func() error { h.Stage.Upstream.Set(stage.Honest); return nil }, nil
		},
	}
}
