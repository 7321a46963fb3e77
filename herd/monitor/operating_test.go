package monitor

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"proxyherd/herd"
)

// page is where operators read about what is checked here.
const page = "../../docs/operating.md"

// rows are the rows of the page's tables whose first cell begins so.
func rows(t *testing.T, begins string) (list []string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "| `"+begins) {
			list = append(list, strings.TrimSpace(line))
		}
	}
	return list
}

func TestTheTableOfMetricsHolds(t *testing.T) {
	var want []string
	for _, m := range metrics {
		kind := map[bool]string{true: "counter", false: "gauge"}[m.kind == counter]
		if m.times != nil {
			kind = "histogram"
		}
		want = append(want, fmt.Sprintf("| `%s` | %s | %s | %s |", m.name, kind, strings.Join(m.labels, ", "), m.help))
	}
	if got := rows(t, "herd_"); !slices.Equal(got, want) {
		t.Errorf("the table in %s should be\n%s", page, strings.Join(want, "\n"))
	}
}

// TestTheTableOfLimitsHolds compares its rows with the settings: each is there, in
// their order, with its default, and is counted by a metric that there is.
func TestTheTableOfLimitsHolds(t *testing.T) {
	limits := reflect.ValueOf(herd.Default().Limits)
	got := rows(t, "limits.")
	if len(got) != limits.NumField() {
		t.Fatalf("%d rows for %d limits", len(got), limits.NumField())
	}
	named := regexp.MustCompile("`(herd_[a-z_]+)")
	for i, row := range got {
		key := limits.Type().Field(i).Tag.Get("json")
		usual, err := json.MarshalToString(limits.Field(i).Interface())
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("| `limits.%s` | %s | ", key, strings.Trim(usual, `"`)); !strings.HasPrefix(row, want) {
			t.Errorf("row %d should begin with %s, and is\n%s", i, want, row)
		}
		names := named.FindAllStringSubmatch(row, -1)
		for _, name := range names {
			if !slices.ContainsFunc(metrics, func(m metric) bool { return m.name == name[1] }) {
				t.Errorf("there is no metric %s: %s", name[1], row)
			}
		}
		if len(names) == 0 && !strings.Contains(row, "`/connections.json`") {
			t.Errorf("nothing counts it: %s", row)
		}
	}
}
