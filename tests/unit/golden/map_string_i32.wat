(module $wasmbind
  (import "module" "memory" (memory 0))
  (import "module" "__new" (func $module.__new (param i32 i32) (result i32)))
  (import "module" "__link" (func $module.__link (param i32 i32 i32)))
  (import "module" "__pin" (func $module.__pin (param i32) (result i32)))
  (global $slot_3 (export "slot_3") (mut i32) (i32.const 0))
  (global $slot_4 (export "slot_4") (mut i32) (i32.const 0))
  ;; xxHash32 takes in one word ...
  (func $round (param $hash i32) (param $word i32) (result i32)
    (i32.mul (i32.const 0x27d4eb2f) (i32.rotl
      (i32.add (local.get $hash) (i32.mul (local.get $word) (i32.const 0xc2b2ae3d)))
      (i32.const 17))))
  ;; ... after the other, and in the end spreads each bit over all.
  (func $avalanche (param $hash i32) (result i32)
    (local.set $hash (i32.mul (i32.const 0x85ebca77)
      (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 15)))))
    (local.set $hash (i32.mul (i32.const 0xc2b2ae3d)
      (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 13)))))
    (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 16))))
  ;; The bytes of a string: whole UTF-16 units.
  (func $text_size (param $string i32) (result i32)
    (i32.and (i32.load (i32.sub (local.get $string) (i32.const 4))) (i32.const -2)))
  ;; Four words at a time are taken in side by side, each in a lane of its own.
  (func $mix (param $lane i32) (param $word i32) (result i32)
    (i32.mul (i32.const 0x9e3779b1) (i32.rotl
      (i32.add (local.get $lane) (i32.mul (local.get $word) (i32.const 0x85ebca77)))
      (i32.const 13))))
  (func $hash (param $key i32) (result i32)
    (local $hash i32) (local $end i32) (local $a i32) (local $b i32) (local $c i32) (local $d i32)
    (if (i32.eqz (local.get $key)) (then (return (i32.const 0))))
    (local.set $hash (call $text_size (local.get $key)))
    (local.set $end (i32.add (local.get $key) (local.get $hash)))
    (if (i32.lt_u (local.get $hash) (i32.const 16))
      (then
        (local.set $hash (i32.add (local.get $hash) (i32.const 0x165667b1))))
      (else
        (local.set $a (i32.const 0x24234428))
        (local.set $b (i32.const 0x85ebca77))
        (local.set $d (i32.const 0x61c8864f))
        (loop $stripes
          (local.set $a (call $mix (local.get $a) (i32.load (local.get $key))))
          (local.set $b (call $mix (local.get $b) (i32.load offset=4 (local.get $key))))
          (local.set $c (call $mix (local.get $c) (i32.load offset=8 (local.get $key))))
          (local.set $d (call $mix (local.get $d) (i32.load offset=12 (local.get $key))))
          (local.set $key (i32.add (local.get $key) (i32.const 16)))
          (br_if $stripes (i32.ge_u (i32.sub (local.get $end) (local.get $key)) (i32.const 16))))
        (local.set $hash (i32.add (local.get $hash) (i32.add
          (i32.add (i32.rotl (local.get $a) (i32.const 1)) (i32.rotl (local.get $b) (i32.const 7)))
          (i32.add (i32.rotl (local.get $c) (i32.const 12)) (i32.rotl (local.get $d) (i32.const 18))))))))
    (loop $words
      (if (i32.ge_u (i32.sub (local.get $end) (local.get $key)) (i32.const 4)) (then
        (local.set $hash (call $round (local.get $hash) (i32.load (local.get $key))))
        (local.set $key (i32.add (local.get $key) (i32.const 4)))
        (br $words))))
    (loop $bytes
      (if (i32.ne (local.get $key) (local.get $end)) (then
        (local.set $hash (i32.mul (i32.const 0x9e3779b1) (i32.rotl
          (i32.add (local.get $hash) (i32.mul (i32.load8_u (local.get $key)) (i32.const 0x165667b1)))
          (i32.const 11))))
        (local.set $key (i32.add (local.get $key) (i32.const 1)))
        (br $bytes))))
    (call $avalanche (local.get $hash)))
  ;; Whether two strings, either of which may be null, have the same text.
  (func $equal (param $left i32) (param $right i32) (result i32)
    (local $size i32)
    (if (i32.eq (local.get $left) (local.get $right)) (then (return (i32.const 1))))
    (if (i32.eqz (local.get $left)) (then (return (i32.const 0))))
    (if (i32.eqz (local.get $right)) (then (return (i32.const 0))))
    (local.set $size (call $text_size (local.get $left)))
    (if (i32.ne (local.get $size) (call $text_size (local.get $right))) (then (return (i32.const 0))))
    (loop $words
      (if (i32.ge_u (local.get $size) (i32.const 8)) (then
        (if (i64.ne (i64.load (local.get $left)) (i64.load (local.get $right))) (then (return (i32.const 0))))
        (local.set $left (i32.add (local.get $left) (i32.const 8)))
        (local.set $right (i32.add (local.get $right) (i32.const 8)))
        (local.set $size (i32.sub (local.get $size) (i32.const 8)))
        (br $words))))
    (loop $units
      (if (local.get $size) (then
        (if (i32.ne (i32.load16_u (local.get $left)) (i32.load16_u (local.get $right))) (then (return (i32.const 0))))
        (local.set $left (i32.add (local.get $left) (i32.const 2)))
        (local.set $right (i32.add (local.get $right) (i32.const 2)))
        (local.set $size (i32.sub (local.get $size) (i32.const 2)))
        (br $units))))
    (i32.const 1))
  ;; The address of the bucket of a hash.
  (func $bucket (param $map i32) (param $hash i32) (result i32)
    (i32.add (i32.load (local.get $map)) (i32.shl
      (i32.and (local.get $hash) (i32.load offset=4 (local.get $map)))
      (i32.const 2))))
  (func $lookup (param $map i32) (param $key i32) (param $hash i32) (result i32)
    (local $entry i32) (local $next i32)
    (local.set $entry (i32.load (call $bucket (local.get $map) (local.get $hash))))
    (loop $chain (result i32)
      (if (i32.eqz (local.get $entry)) (then (return (i32.const 0))))
      (local.set $next (i32.load offset=8 (local.get $entry)))
      ;; The lowest bit marks a deleted entry.
      (if (i32.eqz (i32.and (local.get $next) (i32.const 1))) (then
        (if (call $equal (i32.load (local.get $entry)) (local.get $key)) (then
          (return (local.get $entry))))))
      (local.set $next (i32.and (local.get $next) (i32.const -2)))
      ;; Entries are only ever appended: a chain that does not lead downwards is a lie, and may have no end.
      (if (i32.ge_u (local.get $next) (local.get $entry)) (then (unreachable)))
      (local.set $entry (local.get $next))
      (br $chain)))
  (func $find (param $map i32) (param $key i32) (result i32)
    (call $lookup (local.get $map) (local.get $key) (call $hash (local.get $key))))
  ;; A new object full of zeros, which the minimal runtime leaves to us, held at $holder from birth.
  (func $allocate (param $holder i32) (param $size i32) (param $id i32) (result i32)
    (local $object i32)
    (local.set $object (call $module.__new (local.get $size) (local.get $id)))
    (i32.store (local.get $holder) (local.get $object))
    (memory.fill (local.get $object) (i32.const 0) (local.get $size))
    (local.get $object))
  ;; Gives the map new buffers, without entries.
  (func $reset (param $map i32) (param $buckets i32) (param $mask i32) (param $entries i32) (param $capacity i32)
    (i32.store (local.get $map) (local.get $buckets))
    (i32.store offset=4 (local.get $map) (local.get $mask))
    (i32.store offset=8 (local.get $map) (local.get $entries))
    (i32.store offset=12 (local.get $map) (local.get $capacity))
    (i32.store offset=16 (local.get $map) (i32.const 0))
    (i32.store offset=20 (local.get $map) (i32.const 0)))
  ;; Adds a key that is not there; its value is zero.
  (func $append (param $map i32) (param $key i32) (param $hash i32) (result i32)
    (local $offset i32) (local $entry i32) (local $bucket i32)
    (local.set $offset (i32.load offset=16 (local.get $map)))
    (if (i32.ge_u (local.get $offset) (i32.load offset=12 (local.get $map))) (then (unreachable)))
    (local.set $entry (i32.add (i32.load offset=8 (local.get $map)) (i32.mul (local.get $offset) (i32.const 12))))
    (local.set $bucket (call $bucket (local.get $map) (local.get $hash)))
    (i32.store (local.get $entry) (local.get $key))
    (i32.store offset=8 (local.get $entry) (i32.load (local.get $bucket)))
    (i32.store (local.get $bucket) (local.get $entry))
    (i32.store offset=16 (local.get $map) (i32.add (local.get $offset) (i32.const 1)))
    (i32.store offset=20 (local.get $map) (i32.add (i32.load offset=20 (local.get $map)) (i32.const 1)))
    (local.get $entry))
  (func $link (param $parent i32) (param $child i32)
    (call $module.__link (local.get $parent) (local.get $child) (i32.const 0)))
  ;; Makes new buffers. Until $settle the collector knows of them only from the temporaries.
  (func $renew (param $map i32) (param $mask i32) (param $capacity i32)
    (local $buckets i32) (local $entries i32)
    ;; Where memory is full the map stays as it was.
    (local.set $buckets (call $allocate (i32.shl (global.get $slot_3) (i32.const 2))
      (i32.shl (i32.add (local.get $mask) (i32.const 1)) (i32.const 2)) (i32.const 1)))
    (local.set $entries (call $allocate (i32.shl (global.get $slot_4) (i32.const 2))
      (i32.mul (local.get $capacity) (i32.const 12)) (i32.const 1)))
    (call $reset (local.get $map)
      (local.get $buckets) (local.get $mask) (local.get $entries) (local.get $capacity)))
  ;; The barrier may run the collector, so it comes last, when the map is whole.
  (func $settle (param $map i32)
    (call $link (local.get $map) (i32.load (local.get $map)))
    (call $link (local.get $map) (i32.load offset=8 (local.get $map)))
    (i32.store (i32.shl (global.get $slot_3) (i32.const 2)) (i32.const 0))
    (i32.store (i32.shl (global.get $slot_4) (i32.const 2)) (i32.const 0)))
  ;; Whether less than three quarters of the entries are live.
  (func $is_sparse (param $map i32) (result i32)
    (i32.lt_s (i32.load offset=20 (local.get $map))
      (i32.div_s (i32.mul (i32.load offset=12 (local.get $map)) (i32.const 3)) (i32.const 4))))
  ;; Moves the live entries to new buffers, with eight entries for three buckets.
  (func $rehash (param $map i32) (param $mask i32)
    (local $old i32) (local $end i32) (local $key i32) (local $entry i32)
    (local.set $old (i32.load offset=8 (local.get $map)))
    (local.set $end (i32.add (local.get $old) (i32.mul (i32.load offset=16 (local.get $map)) (i32.const 12))))
    (call $renew (local.get $map) (local.get $mask)
      (i32.div_s (i32.shl (i32.add (local.get $mask) (i32.const 1)) (i32.const 3)) (i32.const 3)))
    ;; Nothing holds the old entries from here on; nothing is allocated until they are copied.
    (loop $entries
      (if (i32.lt_u (local.get $old) (local.get $end)) (then
        (if (i32.eqz (i32.and (i32.load offset=8 (local.get $old)) (i32.const 1))) (then
          (local.set $key (i32.load (local.get $old)))
          (local.set $entry (call $append (local.get $map) (local.get $key) (call $hash (local.get $key))))
          (i32.store offset=4 (local.get $entry) (i32.load offset=4 (local.get $old)))))
        (local.set $old (i32.add (local.get $old) (i32.const 12)))
        (br $entries))))
    (call $settle (local.get $map)))
  ;; Makes room for one more entry; where many are deleted, only by leaving those out.
  (func $reserve (param $map i32)
    (local $mask i32)
    (if (i32.ne (i32.load offset=16 (local.get $map)) (i32.load offset=12 (local.get $map))) (then (return)))
    (local.set $mask (i32.load offset=4 (local.get $map)))
    (call $rehash (local.get $map) (select
      (local.get $mask)
      (i32.or (i32.shl (local.get $mask) (i32.const 1)) (i32.const 1))
      (call $is_sparse (local.get $map)))))
  (func $set (param $map i32) (param $key i32) (param $value i32)
    (local $hash i32) (local $entry i32)
    (local.set $hash (call $hash (local.get $key)))
    (local.set $entry (call $lookup (local.get $map) (local.get $key) (local.get $hash)))
    (if (i32.eqz (local.get $entry)) (then
      (call $reserve (local.get $map))
      (local.set $entry (call $append (local.get $map) (local.get $key) (local.get $hash)))
      (call $link (local.get $map) (local.get $key))))
    (i32.store offset=4 (local.get $entry) (local.get $value)))
  (func $delete (param $map i32) (param $key i32) (result i32)
    (local $entry i32) (local $count i32) (local $half i32)
    (local.set $entry (call $find (local.get $map) (local.get $key)))
    (if (i32.eqz (local.get $entry)) (then (return (i32.const 0))))
    (i32.store offset=8 (local.get $entry)
      (i32.or (i32.load offset=8 (local.get $entry)) (i32.const 1)))
    (local.set $count (i32.sub (i32.load offset=20 (local.get $map)) (i32.const 1)))
    (i32.store offset=20 (local.get $map) (local.get $count))
    ;; Half the buckets will do if they are four at least, and enough for one entry each.
    (local.set $half (i32.shr_u (i32.load offset=4 (local.get $map)) (i32.const 1)))
    (if (i32.ge_u (local.get $half) (i32.const 3)) (then
      (if (i32.ge_u (i32.add (local.get $half) (i32.const 1)) (local.get $count)) (then
        (if (call $is_sparse (local.get $map)) (then
          (call $rehash (local.get $map) (local.get $half))))))))
    (i32.const 1))
  (func $clear (param $map i32)
    (call $renew (local.get $map) (i32.const 3) (i32.const 4))
    (call $settle (local.get $map)))
  (func $entry_at (param $map i32) (param $index i32) (result i32)
    (i32.add (i32.load offset=8 (local.get $map)) (i32.mul (local.get $index) (i32.const 12))))
  ;; Moves the live entries together, and zeroes what is free then. An entry never moves up.
  (func $compact (param $map i32)
    (local $old i32) (local $end i32) (local $key i32) (local $entry i32)
    (local.set $old (i32.load offset=8 (local.get $map)))
    (local.set $end (call $entry_at (local.get $map) (i32.load offset=16 (local.get $map))))
    (memory.fill (i32.load (local.get $map)) (i32.const 0)
      (i32.shl (i32.add (i32.load offset=4 (local.get $map)) (i32.const 1)) (i32.const 2)))
    (i32.store offset=16 (local.get $map) (i32.const 0))
    (i32.store offset=20 (local.get $map) (i32.const 0))
    (loop $entries
      (if (i32.lt_u (local.get $old) (local.get $end)) (then
        (if (i32.eqz (i32.and (i32.load offset=8 (local.get $old)) (i32.const 1))) (then
          (local.set $key (i32.load (local.get $old)))
          (local.set $entry (call $append (local.get $map) (local.get $key) (call $hash (local.get $key))))
          (i32.store offset=4 (local.get $entry) (i32.load offset=4 (local.get $old)))))
        (local.set $old (i32.add (local.get $old) (i32.const 12)))
        (br $entries))))
    (local.set $entry (call $entry_at (local.get $map) (i32.load offset=16 (local.get $map))))
    (memory.fill (local.get $entry) (i32.const 0) (i32.sub (local.get $end) (local.get $entry))))
  ;; Compacts when so many deleted entries lie at one end that walking over them costs more than moving the others.
  (func $tidy (param $map i32) (param $deleted i32)
    (local $run i64)
    (local.set $run (i64.extend_i32_u (local.get $deleted)))
    (if (i64.gt_u (i64.mul (local.get $run) (local.get $run))
        (i64.shl (i64.extend_i32_u (i32.load offset=16 (local.get $map))) (i64.const 4)))
      (then (call $compact (local.get $map)))))
  ;; The index of the first live entry from $index on, else of the end.
  (func $first (param $map i32) (param $index i32) (result i32)
    (local $end i32) (local $entry i32)
    (local.set $end (i32.load offset=16 (local.get $map)))
    (local.set $entry (call $entry_at (local.get $map) (local.get $index)))
    (loop $deleted
      (if (i32.lt_u (local.get $index) (local.get $end)) (then
        (if (i32.and (i32.load offset=8 (local.get $entry)) (i32.const 1)) (then
          (local.set $index (i32.add (local.get $index) (i32.const 1)))
          (local.set $entry (i32.add (local.get $entry) (i32.const 12)))
          (br $deleted))))))
    (local.get $index))
  ;; The index of the last live entry, else -1.
  (func $last (param $map i32) (result i32)
    (local $index i32) (local $entry i32)
    (local.set $index (i32.load offset=16 (local.get $map)))
    (local.set $entry (call $entry_at (local.get $map) (local.get $index)))
    (loop $deleted
      (if (local.get $index) (then
        (local.set $index (i32.sub (local.get $index) (i32.const 1)))
        (local.set $entry (i32.sub (local.get $entry) (i32.const 12)))
        (br_if $deleted (i32.and (i32.load offset=8 (local.get $entry)) (i32.const 1)))
        (return (local.get $index)))))
    (i32.const -1))
  ;; Removes the last live entry if it is the one that somebody has seen, with these words.
  (func $take (param $map i32) (param $index i32)
    (param $word_0 i32)
    (param $word_1 i32)
    (param $word_2 i32) (result i32)
    (local $entry i32) (local $bucket i32) (local $deleted i32)
    (if (i32.ne (local.get $index) (call $last (local.get $map))) (then (return (i32.const 0))))
    (local.set $entry (call $entry_at (local.get $map) (local.get $index)))
    (if (i32.ne (i32.load (local.get $entry)) (local.get $word_0)) (then (return (i32.const 0))))
    (if (i32.ne (i32.load offset=4 (local.get $entry)) (local.get $word_1)) (then (return (i32.const 0))))
    (if (i32.ne (i32.load offset=8 (local.get $entry)) (local.get $word_2)) (then (return (i32.const 0))))
    (i32.store offset=20 (local.get $map) (i32.sub (i32.load offset=20 (local.get $map)) (i32.const 1)))
    (local.set $deleted (i32.sub (i32.load offset=16 (local.get $map)) (local.get $index)))
    (if (i32.eq (local.get $deleted) (i32.const 1)) (then
      ;; Nothing has been added since, so it is the newest of its bucket, and can go altogether.
      (local.set $bucket (call $bucket (local.get $map) (call $hash (i32.load (local.get $entry)))))
      (if (i32.eq (i32.load (local.get $bucket)) (local.get $entry)) (then
        (i32.store (local.get $bucket) (i32.load offset=8 (local.get $entry)))
        (memory.fill (local.get $entry) (i32.const 0) (i32.const 12))
        (i32.store offset=16 (local.get $map) (local.get $index))
        (return (i32.const 1))))))
    (i32.store offset=8 (local.get $entry)
      (i32.or (i32.load offset=8 (local.get $entry)) (i32.const 1)))
    (call $tidy (local.get $map) (local.get $deleted))
    (i32.const 1))
  ;; Deletes as AssemblyScript does, and looks after deleted entries at the start.
  (func $remove (param $map i32) (param $key i32) (result i32)
    (if (i32.eqz (call $delete (local.get $map) (local.get $key))) (then (return (i32.const 0))))
    (call $tidy (local.get $map) (call $first (local.get $map) (i32.const 0)))
    (i32.const 1))
  ;; The value of a key, and whether there is one.
  (func $get (param $map i32) (param $key i32) (result i32 i32)
    (local $entry i32)
    (local.set $entry (call $find (local.get $map) (local.get $key)))
    (if (i32.eqz (local.get $entry)) (then (return (i32.const 0) (i32.const 0))))
    (i32.load offset=4 (local.get $entry)) (i32.const 1))
  ;; The value of a key that is there; one that is not is put in.
  (func $insert (param $map i32) (param $key i32) (param $value i32) (result i32 i32)
    (local $entry i32)
    (local.set $entry (call $find (local.get $map) (local.get $key)))
    (if (local.get $entry) (then (return (i32.load offset=4 (local.get $entry)) (i32.const 1))))
    (call $set (local.get $map) (local.get $key) (local.get $value))
    (i32.const 0) (i32.const 0))
  ;; Removes a key; its value, and whether there was one.
  (func $pop (param $map i32) (param $key i32) (result i32 i32)
    (local $entry i32) (local $value i32)
    (local.set $entry (call $find (local.get $map) (local.get $key)))
    (if (i32.eqz (local.get $entry)) (then (return (i32.const 0) (i32.const 0))))
    (local.set $value (i32.load offset=4 (local.get $entry)))
    (drop (call $remove (local.get $map) (local.get $key)))
    (local.get $value) (i32.const 1))
  (func $make (param $slot i32) (param $spare i32) (param $id i32) (param $size i32) (param $count i32) (result i32)
    (local $length i32) (local $capacity i32) (local $entries i32) (local $buckets i32) (local $map i32)
    (local.set $slot (i32.shl (local.get $slot) (i32.const 2)))
    (local.set $spare (i32.shl (local.get $spare) (i32.const 2)))
    ;; As many buckets as if it had grown. The runtime refuses to allocate 2^28 of them.
    (local.set $length (i32.const 4))
    (local.set $capacity (i32.const 4))
    (loop $grow
      (if (i32.lt_u (local.get $capacity) (local.get $count)) (then
        (local.set $length (i32.shl (local.get $length) (i32.const 1)))
        (local.set $capacity (i32.div_u (i32.shl (local.get $length) (i32.const 3)) (i32.const 3)))
        (br_if $grow (i32.lt_u (local.get $length) (i32.const 0x10000000))))))
    (local.set $entries (call $allocate (local.get $spare)
      (i32.mul (local.get $capacity) (i32.const 12)) (i32.const 1)))
    (local.set $buckets (call $allocate (local.get $slot)
      (i32.shl (local.get $length) (i32.const 2)) (i32.const 1)))
    ;; The map comes last: the collector has not seen it, so that it needs no barrier.
    (local.set $map (call $allocate (local.get $slot) (local.get $size) (local.get $id)))
    (call $reset (local.get $map)
      (local.get $buckets) (i32.sub (local.get $length) (i32.const 1))
      (local.get $entries) (local.get $capacity))
    (i32.store (local.get $spare) (i32.const 0))
    (call $module.__pin (local.get $map)))
  ;; A new string, which nobody holds yet.
  (func $string (param $text i32) (param $size i32) (result i32)
    (local $string i32)
    (local.set $string (call $module.__new (local.get $size) (i32.const 2)))
    (memory.copy (local.get $string) (local.get $text) (local.get $size))
    (local.get $string))
  (func $fill (param $map i32) (param $count i32)
    (param $keys i32) (param $key_texts i32) (param $values i32) (param $value_texts i32)
    (local $key i32) (local $value i32) (local $size i32) (local $hash i32) (local $entry i32)
    (loop $pairs
      (if (local.get $count) (then
        (local.set $key (i32.const 0))
        (local.set $size (i32.load (local.get $keys)))
        (if (i32.ne (local.get $size) (i32.const -1)) (then
          (local.set $key (call $string (local.get $key_texts) (local.get $size)))
          (local.set $key_texts (i32.add (local.get $key_texts) (local.get $size)))))
        (local.set $keys (i32.add (local.get $keys) (i32.const 4)))
        (local.set $value (i32.load (local.get $values)))
        (local.set $values (i32.add (local.get $values) (i32.const 4)))
        ;; No barrier: the map is pinned, and the collector looks at it again before it frees anything.
        (local.set $hash (call $hash (local.get $key)))
        (local.set $entry (call $lookup (local.get $map) (local.get $key) (local.get $hash)))
        (if (i32.eqz (local.get $entry)) (then
          (local.set $entry (call $append (local.get $map) (local.get $key) (local.get $hash)))))
        (i32.store offset=4 (local.get $entry) (local.get $value))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $pairs)))))
)
