# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # the functions and variables of zone_test.sh
#
# Cases of zone_test.sh: what a guest gets of its network, and what others get of the guest.

FRAMES=$(dirname "$0")/frames

# hear LINK COMMAND...: collects what arrives there; the command is where the link is ("ip netns exec peer")
hear() {
	rm -f "$WORK/heard"
	"${@:2}" "$FRAMES" hear "$1" "$WORK/heard" &
	echo $! >"$WORK/hear.pid"
	wait_for grep -q listening "$WORK/heard"
}

deaf() {
	kill "$(cat "$WORK/hear.pid")"
}

# says KIND MAC [IP]: the guest sends a frame
says() {
	guest net send "hex=$("$FRAMES" make "$@")"
}

mac_of_guest() {
	zkz config z1 'info anet' | sed -n 's/.*mac-address: //p'
}

# heard KIND...: just these have arrived, in that order, when "end" has, which the guest sends last
heard() {
	says end "$(mac_of_guest)" "$ADDR"
	wait_for grep -q ' end$' "$WORK/heard"
	[ "$(sed -n 's/^[0-9]* //p' "$WORK/heard" | paste -sd ' ')" = "$* end" ] ||
		fail "heard: $(cat "$WORK/heard")"
}

# cheats: frames under a false name, and true ones between
cheats() {
	local mac

	mac=$(mac_of_guest)
	says lldp "$mac"
	says false-mac 02:99:99:99:99:99 "$ADDR"
	says false-ip "$mac" 10.77.0.66
	says arp "$mac" "$ADDR"
	says arp-false "$mac" 10.77.0.2
	says dhcpd "$mac" "$ADDR"
	says true "$mac" "$ADDR"
}

# What is forbidden does not arrive; the rest does. The program belongs to the tap, and leaves with it.
guest_that_cheats() {
	refuse_protection
	up
	arrives_of_it 'lldp false-mac false-ip arp arp-false dhcpd true'
	zkz halt z1
	zkz config z1 "select anet id=0; set link-protection=mac-nospoof; add link-protection ip-nospoof; add allowed-address $ADDR/24; end"
	zkz verify z1
	up
	arrives_of_it 'lldp arp dhcpd true'
	dropped 3
	zkz halt z1
	zkz config z1 'select anet id=0; set link-protection=dhcp-nospoof,restricted; clear allowed-address; end'
	up
	arrives_of_it 'false-mac false-ip arp arp-false true'
	dropped 2
	# At the next boot.
	zkz config z1 'select anet id=0; clear link-protection; end'
}

# dropped NUMBER: so many, and whatever the guest's kernel sends by itself, such as of IPv6
dropped() {
	local n

	n=$(zkz status z1 | sed -n 's/.*anet 0: zkz[0-9]*\.0, \([0-9]*\) packets of the guest dropped$/\1/p')
	[ "${n:-0}" -ge "$1" ] || fail "status says: $(zkz status z1)"
}

refuse_protection() {
	refused CONFIG_NEEDS config z1 'select anet id=0; set link-protection=ip-nospoof; end'
	refused CONFIG_NEEDS config z1 'select anet id=0; set allowed-address=10.0.0.1; end'
	refused CONFIG_NOT_ADDRESSES config z1 'select anet id=0; set allowed-address=224.0.0.1; end'
	refused CONFIG_NOT_CHOICE config z1 'select anet id=0; set link-protection=all; end'
}

# arrives_of_it KINDS: of a guest that cheats
arrives_of_it() {
	hear br0
	cheats
	# shellcheck disable=SC2086 # words
	heard $1
	deaf
}

# A bridge br1 with VLANs, and a host "peer" on a port that has all of them tagged.
make_vlans() {
	ip link add br1 type bridge vlan_filtering 1
	ip link set br1 up
	ip netns add peer
	ip link add p0 type veth peer name p1 netns peer
	ip link set p0 master br1 up
	bridge vlan add dev p0 vid 2-4094
	ip -n peer link set p1 up
	ip -n peer link add link p1 name p1.10 type vlan id 10
	ip -n peer addr add 10.77.0.3/24 dev p1.10
	ip -n peer link set p1.10 up
}

peer_pings() {
	ip netns exec peer "$GUEST/zguestctl" -t 5 "$ADDR" ping
}

# The guest knows nothing of its VLAN, and can tag for no other than it may.
vlans_stay_apart() {
	make_vlans
	! is running || zkz halt z1
	zkz config z1 'select anet id=0; set vlan-id=10; end'
	refused NETWORK_VLAN_UNAWARE boot z1
	refused ZONE_NOT_VERIFIED verify z1
	refused CONFIG_VLAN_TWICE config z1 'select anet id=0; set allowed-vlan-ids=5-15; end'
	zkz config z1 'select anet id=0; set lower-link=br1; set allowed-vlan-ids=20,30-31; end'
	zkz verify z1
	zkz boot z1
	wait_for peer_pings
	bridge vlan show dev "zkz$(zkz list -p -o id z1).0" | tee "$WORK/vlans"
	tagged_arrive
	zkz halt z1
	zkz config z1 'select anet id=0; set lower-link=br0; clear vlan-id; clear allowed-vlan-ids; end'
	ip link del br1
	ip netns del peer
}

# Frames with a tag of the guest's: that for VLAN 40 does not leave the bridge, nor one for VLAN 1.
tagged_arrive() {
	local mac tag

	guest() {
		ip netns exec peer "$GUEST/zguestctl" -t 240 "$ADDR" "$@"
	}
	mac=$(mac_of_guest)
	hear p1 ip netns exec peer
	for tag in 20 40 1 31; do
		guest net send "hex=$("$FRAMES" make "tag$tag" "$mac" | sed "s/^\(.\{24\}\)/\18100$(printf %04x $tag)/")"
	done
	heard tag20 tag31
	deaf
	grep -q '^20 tag20$' "$WORK/heard"
	grep -q '^31 tag31$' "$WORK/heard"
	grep -q '^10 end$' "$WORK/heard"
}
