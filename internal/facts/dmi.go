package facts

import (
	"context"

	"github.com/driftless-hq/driftless/plugin/schema"
)

type dmi struct {
	Vendor      *string `cty:"vendor"`
	Product     *string `cty:"product"`
	Version     *string `cty:"version"`
	Serial      *string `cty:"serial"`
	UUID        *string `cty:"uuid"`
	BoardVendor *string `cty:"board_vendor"`
	BoardName   *string `cty:"board_name"`
	BIOSVendor  *string `cty:"bios_vendor"`
	BIOSVersion *string `cty:"bios_version"`
	BIOSDate    *string `cty:"bios_date"`
	AssetTag    *string `cty:"asset_tag"`
}

func dmiGroup() group {
	return group{
		static: true,
		Nested: schema.Nested{Name: "dmi", Block: schema.Block{
			Doc: "What the firmware says of the machine. Boards without DMI have only a product and a serial number, from their device tree.",
			Attributes: []schema.Attribute{
				stringFact("vendor", "Who made the machine."),
				stringFact("product", "What its maker calls it."),
				stringFact("version", "The version of the product."),
				stringFact("serial", "Its serial number, which on most systems only root may read."),
				stringFact("uuid", "Its UUID, which only root may read."),
				stringFact("board_vendor", "Who made the main board."),
				stringFact("board_name", "What its maker calls the main board."),
				stringFact("bios_vendor", "Who made the firmware."),
				stringFact("bios_version", "The version of the firmware."),
				stringFact("bios_date", "The date of the firmware, as its maker wrote it."),
				stringFact("asset_tag", "The tag that the owner gave to the chassis."),
			},
		}},
	}
}

func gatherDMI(_ context.Context, f *Facts) any {
	id := func(name string) *string { return f.text(f.inSys("class/dmi/id/" + name)) }
	return dmi{
		Vendor:      id("sys_vendor"),
		Product:     first(id("product_name"), f.text(f.inProc("device-tree/model"))),
		Version:     id("product_version"),
		Serial:      first(id("product_serial"), f.text(f.inProc("device-tree/serial-number"))),
		UUID:        id("product_uuid"),
		BoardVendor: id("board_vendor"),
		BoardName:   id("board_name"),
		BIOSVendor:  id("bios_vendor"),
		BIOSVersion: id("bios_version"),
		BIOSDate:    id("bios_date"),
		AssetTag:    id("chassis_asset_tag"),
	}
}
