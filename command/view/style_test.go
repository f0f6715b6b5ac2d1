package view

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestALineBreaksBetweenItsPieces(t *testing.T) {
	pieces := []piece{{"  ", "+", green}, {" ", "task.file.motd", bold}, {"  ", "/etc/motd", ""}, {"  ", "(only reported)", dim}}
	for _, tt := range []struct {
		name  string
		width int
		want  string
	}{
		{"what is no terminal has no width", 0, "  + task.file.motd  /etc/motd  (only reported)"},
		{"what fits stays together", 46, "  + task.file.motd  /etc/motd  (only reported)"},
		{"what doesn't goes on below", 45, "  + task.file.motd  /etc/motd\n      (only reported)"},
		{"piece by piece", 21, "  + task.file.motd\n      /etc/motd\n      (only reported)"},
		{"a piece that doesn't fit there breaks between words", 16, "  + task.file.motd\n      /etc/motd\n      (only\n      reported)"},
		{"a word that never fits is left whole", 10, "  + task.file.motd\n      /etc/motd\n      (only\n      reported)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := (style{width: tt.width}).line(pieces, 6); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestAnExcerptKeepsTheMarkedPart(t *testing.T) {
	const before, marked, after = `  value = concat(local.first, `, "local.secnd", `, local.third) # and more`
	for _, tt := range []struct {
		name  string
		width int
		want  string
	}{
		{"what is no terminal has no width", 0, before + "[" + marked + "]" + after},
		{"what fits is whole", 8 + len(before+marked+after), before + "[" + marked + "]" + after},
		{"what lies around is cut", 48, "...cal.first, [local.secnd], local.thir..."},
		{"at a narrow place so is the marked part", 16, "...[lo]..."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, m, a := (style{width: tt.width}).excerpt(before, marked, after, 8)
			if got := b + "[" + m + "]" + a; got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if n := utf8.RuneCountInString(b + m + a); tt.width > 0 && n > tt.width-8 {
				t.Errorf("it takes %d columns of %d", n, tt.width-8)
			}
		})
	}
}

func TestProseHangs(t *testing.T) {
	s := style{width: 20}
	if got, want := s.hang("left out because of something else", 6), "left out\n      because of\n      something else"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	long := strings.Repeat("word ", 20)
	if got := (style{}).hang(long, 6); got != long {
		t.Errorf("what is no terminal gets %q", got)
	}
}
