package scaled

import (
	"errors"

	"proxyherd/bench/paired"
)

// Units are what the parts of an update cost one server, in us of processor time.
type Units struct {
	Own   float64 // taking it from a client, and answering
	First float64 // taking it from a neighbour for the first time
	Copy  float64 // finding that one has come again
	Send  float64 // sending it to one more neighbour
}

// ErrFew says that too little was measured to tell the parts apart.
var ErrFew = errors.New("too few points were measured to tell what the parts of an update cost")

// row is a point as an equation: how often each unit is in it.
func (p *Point) row() [4]float64 {
	row := [4]float64{0, 0, float64(p.Copies), float64(p.Sends())}
	if p.Own {
		row[0] = 1
	} else {
		row[1] = 1
	}
	return row
}

// Fit returns the units that come nearest to the costs of a round: the sum of the squares
// of the relative deviations is the least. The error is ErrFew.
func Fit(points []Point, round int) (Units, error) {
	var rows [][]float64
	var costs []float64
	for i := range points {
		row := points[i].row()
		rows, costs = append(rows, row[:]), append(costs, points[i].Rounds[round].Cost)
	}
	x, err := nearest(rows, costs)
	if err != nil {
		return Units{}, err
	}
	return Units{Own: x[0], First: x[1], Copy: x[2], Send: x[3]}, nil
}

// Ranges are units over the rounds.
type Ranges struct{ Own, First, Copy, Send paired.Range }

// UnitsOf are those of a design in a regime, of each round for itself. null asks for the
// process that is there once more.
func UnitsOf(r *Report, design string, regime Regime, null bool) (Ranges, error) {
	points := r.pointsOf(design, regime, null)
	if len(points) == 0 {
		return Ranges{}, ErrFew
	}
	var own, first, again, send []float64
	for round := range points[0].Rounds {
		u, err := Fit(points, round)
		if err != nil {
			return Ranges{}, err
		}
		own, first, again, send = append(own, u.Own), append(first, u.First), append(again, u.Copy), append(send, u.Send)
	}
	return Ranges{paired.Of(own), paired.Of(first), paired.Of(again), paired.Of(send)}, nil
}

// Medians are the units that are reckoned with.
func (r Ranges) Medians() Units {
	return Units{r.Own.Median, r.First.Median, r.Copy.Median, r.Send.Median}
}

func (r *Report) pointsOf(design string, regime Regime, null bool) (list []Point) {
	for _, p := range r.Points {
		if p.Design == design && p.Regime == regime && p.Null == null {
			list = append(list, p)
		}
	}
	return list
}

// Point is what an update costs the server of a point.
func (u Units) Point(p *Point) float64 {
	row := p.row()
	return u.Own*row[0] + u.First*row[1] + u.Copy*row[2] + u.Send*row[3]
}

// Server is what an update that a neighbour sends costs a server which gets it again so
// many times, and sends it to so many.
func (u Units) Server(copies, sends float64) float64 { return u.First + copies*u.Copy + sends*u.Send }

// Busiest is what an update costs the server with the most neighbours, in a graph of n.
func (u Units) Busiest(k *Kind, n int) float64 {
	return u.Server(k.Copies(n), float64(k.Degree(n)-1))
}

// Herd is what an update costs all servers of a herd together: its origin takes it from a
// client, each other one for the first time, and the rest of the messages are copies.
func (u Units) Herd(k *Kind, n int) float64 {
	messages, others := float64(k.Messages(n)), float64(n-1)
	return u.Own + others*u.First + (messages-others)*u.Copy + messages*u.Send
}

// MostServers is how many servers a herd can have in which clients report so many updates
// a second to each: one more, and the busiest has more than a core's work. 0: not even the
// least of the kind.
func (u Units) MostServers(k *Kind, each float64) int {
	return most(k.Least, func(n int) bool { return float64(n)*each*u.Busiest(k, n) <= 1e6 })
}

// most is the highest number that fits, where none does that is above one that does not. 0:
// not even the least. It looks no further than some thousand million.
func most(least int, fits func(n int) bool) int {
	if !fits(least) {
		return 0
	}
	const enough = 1_000_000_000
	low, high := least, 2*least
	for high < enough && fits(high) {
		low, high = high, 2*high
	}
	for high-low > 1 {
		if middle := (low + high) / 2; fits(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}
