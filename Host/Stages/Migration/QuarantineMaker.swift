internal import Columnar
internal import Foundations
internal import Glibc
internal import Policy
internal import Store
internal import Transform

/// Makes quarantine records of the rows that will not reach the target: previews masked, the raw row for sealing.
struct QuarantineMaker {
    let plan: ExecutablePlan
    let source: Source

    /// Most bytes of an unreadable record that are kept.
    static let rawLimit = 64 << 10

    /// - Parameters:
    ///   - refused: rows of `chunk.batch` that the target refused.
    ///   - faults: whether the rows at fault before the target are wanted too.
    func rows(of chunk: PreparedChunk, refused: [RefusedRow], chunkID: Int, faults: Bool = true) -> [QuarantineRow] {
        var made: [QuarantineRow] = []
        if faults {
            for fault in chunk.faults {
                made.append(
                    record(
                        chunk, row: fault.row, reasons: fault.reasons, target: fault.target, after: nil,
                        chunkID: chunkID))
            }
        }
        for row in refused {
            made.append(
                record(
                    chunk, row: chunk.rows[row.row], reasons: [row.reason], target: nil, after: row.row,
                    chunkID: chunkID))
        }
        return made
    }

    private func record(
        _ chunk: PreparedChunk, row: Int, reasons: [String], target: String?, after: Int?, chunkID: Int
    ) -> QuarantineRow {
        let batch = chunk.source.batch
        var raw: [String: String?] = [:]
        var before: [String: JSON] = [:]
        for (place, field) in batch.schema.fields.enumerated() {
            batch.columns[place].withView { view in
                raw[field.name] = .some(Self.text(view, row))
                before[field.name] = JSON(Masker.preview(view, row: row, exposure: .masked(reason: "quarantine")))
            }
        }
        if let place = chunk.source.place(of: row) {
            raw["sluice.line"] = String(place.line)
            raw["sluice.byte_offset"] = String(place.offset)
            before["sluice.line"] = .int(place.line)
            before["sluice.byte_offset"] = .int(place.offset)
            if chunk.source.rejected[row] != nil {
                let next = row + 1 < chunk.source.rowCount ? chunk.source.place(of: row + 1)?.offset : nil
                let isLast = chunk.source.rejected[row] == "UNCLOSED_QUOTE"
                raw["sluice.record"] = rawRecord(at: place.offset, next: next, toEnd: isLast)
            }
        }
        var preview: [String: JSON] = [:]
        if let after {
            for (place, field) in chunk.batch.schema.fields.enumerated() {
                chunk.batch.columns[place].withView { view in
                    preview[field.name] = JSON(
                        Masker.preview(view, row: after, exposure: .masked(reason: "quarantine")))
                }
            }
        }
        let key = plan.keyPlaces.compactMap { place in preview[plan.plans[place].target]?.stringValue }.joined(
            separator: "|")
        return QuarantineRow(
            chunkID: Int64(chunkID), ordinal: batch.firstOrdinal + Int64(row), maskedKey: key.isEmpty ? nil : key,
            reasonCodes: reasons, maskedBefore: .object(before), maskedAfter: after == nil ? .null : .object(preview),
            diffPointer: target.map { "/\(JSONReader.escaped($0))" }, raw: raw)
    }

    private static func text(_ view: ColumnView, _ row: Int) -> String? {
        guard view.isValid(row) else { return nil }
        var text: [UInt8] = []
        Columnar.ValueText.write(view, row: row, into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of a record that no connector could cut into cells; hexadecimal when they are not UTF-8.
    ///
    /// Where the next record's place is not known the record ends with its line, unless it is the one whose quote never
    /// closes: no other row's bytes are kept under this one's ordinal. Places are a plugin's word and are not trusted.
    private func rawRecord(at offset: Int64, next: Int64?, toEnd: Bool) -> String? {
        guard offset >= 0 else { return nil }
        let descriptor = open(source.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let known = next.flatMap { $0 > offset ? Int(min($0 - offset, Int64(Self.rawLimit))) : nil }
        let wanted = known ?? Self.rawLimit
        var bytes = [UInt8](repeating: 0, count: wanted)
        let got = Files.retrying { pread(descriptor, &bytes, wanted, off_t(offset)) }
        guard got > 0 else { return nil }
        bytes.removeSubrange(got...)
        if known == nil, !toEnd, let end = bytes.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) {
            bytes.removeSubrange(end...)
        }
        return isValidUTF8(bytes) ? String(decoding: bytes, as: UTF8.self) : "hex:" + Hex.encode(bytes)
    }
}
