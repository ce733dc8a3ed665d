/** Names of AssemblyScript's number types, for assembly/abi.ts, which both compilers read. */
declare type i32 = number;
declare type usize = number;
