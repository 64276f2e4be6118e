public import Columnar
internal import Contracts
internal import Detection
internal import Foundations

/// Makes what a check may see out of raw batches. One masker belongs to one dataset.
///
/// Batches are rebuilt column by column: nothing of a raw buffer is passed on, not even under a null.
public struct Masker: Sendable {
    let key: HMACKey
    /// Of the filters; another one, so that neither tells of the other.
    let bloomKey: HMACKey

    /// - Parameters:
    ///   - masterKey: the home's 32-byte key; it never leaves the host.
    ///   - dataset: the dataset's id. Never per run: pseudonyms must survive reruns.
    public init(masterKey: [UInt8], dataset: String) {
        key = HMACKey(Sealing.derive(from: masterKey, purpose: "sluice/pseudonym/1/\(dataset)"))
        bloomKey = HMACKey(Sealing.derive(from: masterKey, purpose: "sluice/bloom/1/\(dataset)"))
    }

    /// The masked form of a batch.
    ///
    /// - Parameters:
    ///   - exposures: one for each column.
    ///   - withText: false hands over only where there is a value, also of open columns.
    ///   - ordinals: of the rows; `batch.firstOrdinal…` when nil.
    ///   - permit: for `callCheck`.
    public func mask(
        _ batch: Batch, exposures: [Exposure], companions: Set<Companion>, withText: Bool = true,
        ordinals: [Int64]? = nil, permit: Permit
    ) -> MaskedBatch {
        sheet(batch, exposures: exposures, ordinals: ordinals, permit: permit)
            .masked(companions: companions, withText: withText)
    }

    /// The same for several checks: what two of them are handed is masked once.
    ///
    /// - Parameters: as of `mask`.
    public func sheet(
        _ batch: Batch, exposures: [Exposure], ordinals: [Int64]? = nil, permit: Permit
    ) -> MaskedSheet {
        precondition(permit.action == .callCheck && exposures.count == batch.columns.count)
        return MaskedSheet(self, batch, exposures: exposures, ordinals: ordinals)
    }

    /// One value as a preview shows it; nil for a null.
    ///
    /// A preview has no key: pseudonyms and hashes are shown as the word for the value's kind and a star, values that are
    /// dropped as a star.
    public static func preview(_ view: ColumnView, row: Int, exposure: Exposure) -> String? {
        guard view.isValid(row) else { return nil }
        var text: [UInt8] = []
        ValueText.write(view, row: row, into: &text)
        if identityForTests || text.withUnsafeBytes({ exposure.passes($0) }) {
            return String(decoding: text, as: UTF8.self)
        }
        switch exposure.action {
        case .mask, .allow:
            var form: [UInt8] = []
            text.withUnsafeBytes { MaskedForm.write($0, as: exposure.type, cover: .shape, into: &form) }
            return String(decoding: form, as: UTF8.self)
        case .pseudonymise, .hash: return "\(label(exposure))_*"
        case .drop: return "*"
        }
    }

    /// Every value copied, with zeros under the nulls.
    func rebuilt(_ column: Column) -> Column { column.gather(Array(0..<column.count)) }

    /// What stands in the place of a column that is not open.
    func masked(_ column: Column, _ exposure: Exposure) -> Column {
        if Self.identityForTests { return texts(of: column) { $0 } }
        if !exposure.isMasked { return coded(column, exposure) }
        switch exposure.action {
        case .mask, .allow:
            return exposure.type == nil ? shapes(of: column) : forms(of: column, exposure.type)
        case .pseudonymise:
            let label = Array(Self.label(exposure).utf8) + [UInt8(ascii: "_")]
            return pseudonyms(of: column, prefix: label, bytes: 8)
        case .hash: return pseudonyms(of: column, prefix: [], bytes: 32)
        case .drop: return column.blanked()
        }
    }

    private static func label(_ exposure: Exposure) -> String { exposure.type?.label ?? EntityType.unknownLabel }

    /// Values of a list as they are, the others as shapes.
    private func coded(_ column: Column, _ exposure: Exposure) -> Column {
        withUnsafeTemporaryAllocation(byteCount: Shape.capacity, alignment: 16) { scratch in
            texts(of: column) { text in
                if exposure.passes(text) { return text }
                return UnsafeRawBufferPointer(rebasing: scratch[..<Shape.write(text, to: scratch)])
            }
        }
    }

    func shapes(of column: Column) -> Column {
        withUnsafeTemporaryAllocation(byteCount: Shape.capacity, alignment: 16) { scratch in
            texts(of: column) { text in
                UnsafeRawBufferPointer(rebasing: scratch[..<Shape.write(text, to: scratch)])
            }
        }
    }

    private func forms(of column: Column, _ type: EntityType?) -> Column {
        column.withView { view in
            var builder = ColumnBuilder(.text, capacity: view.count)
            var text: [UInt8] = []
            var form: [UInt8] = []
            for row in 0..<view.count {
                guard view.isValid(row) else {
                    builder.appendNull()
                    continue
                }
                text.removeAll(keepingCapacity: true)
                form.removeAll(keepingCapacity: true)
                ValueText.write(view, row: row, into: &text)
                text.withUnsafeBytes { MaskedForm.write($0, as: type, cover: .shape, into: &form) }
                form.withUnsafeBytes { builder.append(bytes: $0) }
            }
            return builder.finish()
        }
    }

    /// Texts made of the values' texts; what is given is read before the next value is looked at.
    private func texts(
        of column: Column, _ transform: (UnsafeRawBufferPointer) -> UnsafeRawBufferPointer
    ) -> Column {
        column.withView { view in
            var builder = ColumnBuilder(.text, capacity: view.count)
            if view.type == .text || view.type == .binary {
                for row in 0..<view.count {
                    if view.isValid(row) {
                        builder.append(bytes: transform(view.bytes(row)))
                    } else {
                        builder.appendNull()
                    }
                }
                return builder.finish()
            }
            var text: [UInt8] = []
            for row in 0..<view.count {
                guard view.isValid(row) else {
                    builder.appendNull()
                    continue
                }
                text.removeAll(keepingCapacity: true)
                ValueText.write(view, row: row, into: &text)
                text.withUnsafeBytes { builder.append(bytes: transform($0)) }
            }
            return builder.finish()
        }
    }

    #if SLUICE_TEST_HOOKS
    /// Replaces the masker by identity, so that a test can show that the canary test would notice.
    static let identityForTests = Context.system.environment["SLUICE_TEST_IDENTITY_MASKER"] == "1"
    #else
    static let identityForTests = false
    #endif
}
