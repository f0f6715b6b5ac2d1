package facts

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/driftless-hq/driftless/plugin/schema"
)

type disk struct {
	Size       *int64               `cty:"size"`
	Rotational *bool                `cty:"rotational"`
	Removable  *bool                `cty:"removable"`
	Model      *string              `cty:"model"`
	Serial     *string              `cty:"serial"`
	Partitions map[string]partition `cty:"partitions"`
}

type partition struct {
	Size  *int64  `cty:"size"`
	UUID  *string `cty:"uuid"`
	Label *string `cty:"label"`
}

func diskGroup() group {
	return group{Nested: schema.Nested{Name: "disk", Nesting: schema.Map, Label: "device", Block: schema.Block{
		Doc: "The disks by the name of their device: `sda`, `nvme0n1`. Devices that are made of others or of memory, such as those of LVM, RAID and loop devices, are left out.",
		Attributes: []schema.Attribute{
			numberFact("size", "The size in bytes; 0 for a drive without a medium."),
			boolFact("rotational", "Whether it turns. Virtual disks often say so too."),
			boolFact("removable", "Whether its medium can be taken out."),
			stringFact("model", "What its maker calls it."),
			stringFact("serial", "Its serial number."),
		},
		Blocks: []schema.Nested{{Name: "partitions", Nesting: schema.Map, Label: "partition", Block: schema.Block{
			Doc: "The partitions by the name of their device: `sda1`.",
			Attributes: []schema.Attribute{
				numberFact("size", "The size in bytes."),
				stringFact("uuid", "The UUID of the file system on it."),
				stringFact("label", "The label of the file system on it."),
			},
		}}},
	}}}
}

func gatherDisk(_ context.Context, f *Facts) any {
	dir := f.inSys("block")
	if !exists(dir) {
		return map[string]disk(nil)
	}
	uuids, labels := f.deviceNames("dev/disk/by-uuid"), f.deviceNames("dev/disk/by-label")
	disks := map[string]disk{}
	for _, name := range f.names(dir) {
		if !exists(filepath.Join(dir, name, "device")) {
			continue
		}
		d := f.disk(filepath.Join(dir, name))
		for _, part := range f.names(filepath.Join(dir, name)) {
			if !exists(filepath.Join(dir, name, part, "partition")) {
				continue
			}
			part := deviceName(part)
			d.Partitions[part] = partition{
				Size:  f.sectors(filepath.Join(dir, name, part, "size")),
				UUID:  present(uuids[part]),
				Label: present(labels[part]),
			}
		}
		disks[deviceName(name)] = d
	}
	return disks
}

func (f *Facts) disk(dir string) disk {
	return disk{
		Size:       f.sectors(filepath.Join(dir, "size")),
		Rotational: f.flag(filepath.Join(dir, "queue/rotational")),
		Removable:  f.flag(filepath.Join(dir, "removable")),
		Model:      first(f.text(filepath.Join(dir, "device/model")), f.text(filepath.Join(dir, "device/name"))),
		Serial: first(f.text(filepath.Join(dir, "serial")), f.text(filepath.Join(dir, "device/serial")),
			parseSerialPage(f.read(filepath.Join(dir, "device/vpd_pg80")))),
		Partitions: map[string]partition{},
	}
}

// sectors returns as bytes a size in sectors, which to sysfs have 512 bytes
// whatever the disk has.
func (f *Facts) sectors(path string) *int64 {
	n := f.number(path)
	if n == nil {
		return nil
	}
	return new(*n * 512)
}

// deviceNames maps devices to the names that udev has for them in a directory
// of links.
func (f *Facts) deviceNames(dir string) map[string]string {
	names := map[string]string{}
	for _, name := range f.names(f.inRoot(dir)) {
		if target := f.link(filepath.Join(f.inRoot(dir), name)); target != "" {
			names[filepath.Base(target)] = unescapeUdev(name)
		}
	}
	return names
}

// deviceName returns a device's name as in /dev: sysfs writes slashes as "!".
func deviceName(name string) string { return strings.ReplaceAll(valid(name), "!", "/") }

// unescapeUdev undoes the \x20 of udev for bytes that don't fit in a name.
func unescapeUdev(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && s[i+1] == 'x' {
			if n, err := strconv.ParseUint(s[i+2:i+4], 16, 8); err == nil {
				out.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// parseSerialPage reads the page of a SCSI disk that holds its serial number:
// four bytes of header, the last two of them the length of the text.
func parseSerialPage(page []byte) *string {
	if len(page) < 4 || page[1] != 0x80 {
		return nil
	}
	length := int(page[2])<<8 | int(page[3])
	return present(string(page[4:min(4+length, len(page))]))
}
