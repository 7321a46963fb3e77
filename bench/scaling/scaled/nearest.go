package scaled

import "math"

// nearest returns the x for which the sums row*x come nearest to the costs: the sum of the
// squares of the relative deviations is the least. Costs are above 0. The error is ErrFew.
func nearest(rows [][]float64, costs []float64) ([]float64, error) {
	if len(rows) == 0 {
		return nil, ErrFew
	}
	n := len(rows[0])
	a := make([][]float64, n) // the normal equations, and behind them their right side
	for j := range a {
		a[j] = make([]float64, n+1)
	}
	for i, row := range rows {
		for j := range row {
			for k := range row {
				a[j][k] += row[j] * row[k] / (costs[i] * costs[i])
			}
			a[j][n] += row[j] / costs[i]
		}
	}
	return solve(a)
}

// solve solves equations by elimination.
func solve(a [][]float64) ([]float64, error) {
	const none = 1e-12 // what is no pivot
	for i := range a {
		best := i
		for j := i + 1; j < len(a); j++ {
			if math.Abs(a[j][i]) > math.Abs(a[best][i]) {
				best = j
			}
		}
		a[i], a[best] = a[best], a[i]
		if math.Abs(a[i][i]) < none {
			return nil, ErrFew
		}
		for j := i + 1; j < len(a); j++ {
			factor := a[j][i] / a[i][i]
			for k := i; k < len(a[j]); k++ {
				a[j][k] -= factor * a[i][k]
			}
		}
	}
	x := make([]float64, len(a))
	for i := len(a) - 1; i >= 0; i-- {
		x[i] = a[i][len(a)]
		for k := i + 1; k < len(x); k++ {
			x[i] -= a[i][k] * x[k]
		}
		x[i] /= a[i][i]
	}
	return x, nil
}
