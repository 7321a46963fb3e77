package scaled

import "fmt"

// Kind is a kind of graph whose links are known by a formula.
type Kind struct {
	Name  string          // as the simulator takes it
	Title string          // for people
	Links func(n int) int // of n servers
	Text  string          // the same formula, for people

	// Degree is how many neighbours the busiest of n servers has.
	Degree func(n int) int

	// Least is how few servers it may have, and Most how many of them the simulator
	// takes; 0: as many as anybody wants.
	Least, Most int
}

// Kinds are the graphs that are compared.
var Kinds = []Kind{
	{Name: "builtin", Title: "built-in, fives in a tree", Least: 5, Text: "N + N/5 - 1",
		Links: func(n int) int { return n + n/5 - 1 }, Degree: func(n int) int { return 3 + min(1, n/20) }},
	{Name: "ring", Title: "ring", Least: 3, Text: "N",
		Links: func(n int) int { return n }, Degree: func(int) int { return 2 }},
	{Name: "tree:4", Title: "tree, four below each", Least: 2, Text: "N - 1",
		Links: func(n int) int { return n - 1 }, Degree: func(n int) int { return min(n-1, 5) }},
	{Name: "regular:4", Title: "random, four neighbours each", Least: 5, Text: "2N",
		Links: func(n int) int { return 2 * n }, Degree: func(int) int { return 4 }},
	{Name: "regular:6", Title: "random, six neighbours each", Least: 7, Text: "3N",
		Links: func(n int) int { return 3 * n }, Degree: func(int) int { return 6 }},
	{Name: "mesh", Title: "mesh", Least: 2, Most: 200, Text: "N(N - 1)/2",
		Links: func(n int) int { return n * (n - 1) / 2 }, Degree: func(n int) int { return n - 1 }},
}

// kindNamed finds a kind.
func kindNamed(name string) (*Kind, error) {
	for i := range Kinds {
		if Kinds[i].Name == name {
			return &Kinds[i], nil
		}
	}
	return nil, fmt.Errorf("there is no formula for the graph %q", name)
}

// Messages is what an update costs by flooding: 2E - (N - 1). Each server sends it to all
// its neighbours but the one that it has it from.
func (k *Kind) Messages(n int) int { return 2*k.Links(n) - (n - 1) }

// Copies is how often an update comes to a server again, by the mean of all of them.
func (k *Kind) Copies(n int) float64 { return float64(k.Messages(n)-(n-1)) / float64(n) }
