package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// table prints rows under aligned heads.
type table struct {
	title string
	head  []string
	rows  [][]string
	empty string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s\n\n", t.title)
	if len(t.rows) == 0 {
		fmt.Fprintf(w, "  (%s)\n", t.empty)
		return
	}
	width := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, c := range row {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	t.line(w, width, t.head)
	rule := make([]string, len(width))
	for i, n := range width {
		rule[i] = strings.Repeat("─", n)
	}
	t.line(w, width, rule)
	for _, row := range t.rows {
		t.line(w, width, row)
	}
}

func (t *table) line(w io.Writer, width []int, cells []string) {
	var b strings.Builder
	for i, c := range cells {
		b.WriteString("  " + c + strings.Repeat(" ", width[i]-utf8.RuneCountInString(c)))
	}
	fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
}
