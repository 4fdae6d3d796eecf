/* Ends a use of record_structs.h or record_tables.h. */
#undef RECORD
#undef STR
#undef INT
#undef FLOAT
#undef BOOL
#undef ENUM
#undef INTS
#undef FLOATS
#undef STRS
#undef RANGE
#undef IRANGE
#undef MAPS
#undef ATTRS
#undef REC
#undef RECS
#undef MEMO
#undef END
