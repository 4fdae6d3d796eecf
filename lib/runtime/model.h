/* The interface of an emitted model.  C, usable from C++ and from ctypes.
 *
 *	struct model *m;
 *	if (model_open("build", &m))
 *		fail(model_error(NULL));
 *	if (model_run(m, inputs, outputs))
 *		fail(model_error(m));
 *	model_close(m);
 *
 * Functions that return int return 0, or -1 with a message in model_error.
 * A model is one context: its memory, its states and its vEUs.  One thread at
 * a time may use it.  Contexts are independent: open the directory again for
 * each one that shall run at the same time. */
#ifndef MODEL_H
#define MODEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define MODEL_API __attribute__((visibility("default")))
#else
#define MODEL_API
#endif

struct model;

/* What model_open returns where the device is missing. */
#define MODEL_NO_DEVICE (-77)

/* Opens the emitted directory (NULL: the working directory): reads plan.bin
 * and weights.bin, packs constants, starts the vEUs. */
MODEL_API int model_open(const char *dir, struct model **out);

/* The same with options; {0} is what model_open uses. */
struct model_options {
	int separate;		/* every tensor gets memory of its own, so that
				 * model_tensor_read finds its value after a run */
	double timeout;		/* a wait of so many seconds for another rTask
				 * ends the run with an error; 0: 20.  On the
				 * host only while no vEU finishes an rTask;
				 * ten times that in model_open, which packs
				 * constants.  An rTask on the calling thread
				 * that never returns cannot be ended. */
	uint64_t seed;		/* emulation: the order in which vEUs advance */
	int trace;		/* notes when each rTask runs: see model_trace */
};
MODEL_API int model_open_options(const char *dir,
                                 const struct model_options *options,
                                 struct model **out);

/* Runs the model once.  inputs[i] and outputs[i] are host memory of
 * model_input_bytes and model_output_bytes, row-major, in the order of the
 * table; where they are aligned to 64 bytes they are used without a copy (on
 * the host).  Outputs may be written before all inputs are read: an output
 * may overlap neither an input nor another output; inputs may be one and the
 * same.  Returns when the outputs are written.  After a failure states are
 * undefined until model_reset. */
MODEL_API int model_run(struct model *m, const void *const *inputs,
                        void *const *outputs);

/* On a GPU the same with inputs and outputs on the device and in the order of
 * a stream (cudaStream_t; NULL: the default one): returns when the run has
 * been begun, and synchronises nothing.  Runs of one model follow each other,
 * whatever their streams.  That a vEU gave up is told by model_wait, or by the
 * next model_run.  On the host it is model_run. */
MODEL_API int model_run_on(struct model *m, const void *const *inputs,
                           void *const *outputs, void *stream);

/* Waits for what model_run_on began; -1 if a run since the last wait failed. */
MODEL_API int model_wait(struct model *m);

/* Sets all states to zero, as after model_open. */
MODEL_API int model_reset(struct model *m);

/* Ends the vEUs and gives memory back.  NULL is allowed. */
MODEL_API void model_close(struct model *m);

/* Why the last call on m failed; with NULL, why this thread's last
 * model_open failed. */
MODEL_API const char *model_error(const struct model *m);

/* Time of the last run, us: without and for the copies of inputs and outputs
 * between host and device (0 where there are none). */
MODEL_API double model_run_us(const struct model *m);
MODEL_API double model_copy_us(const struct model *m);

/* On the host the calling thread is vEU 0: binds it to that one's CPU, where
 * it is not in the way of the others; it stays there.  Elsewhere nothing. */
MODEL_API void model_pin(struct model *m);

/* What the model is given and gives back.  type is one of f32 f64 i64 i32 i16
 * i8 u64 u32 u16 u8 bool (one byte). */
MODEL_API int model_ninputs(const struct model *m);
MODEL_API const char *model_input_name(const struct model *m, int i);
MODEL_API const char *model_input_type(const struct model *m, int i);
MODEL_API int model_input_rank(const struct model *m, int i);
MODEL_API const int64_t *model_input_shape(const struct model *m, int i);
MODEL_API size_t model_input_bytes(const struct model *m, int i);
MODEL_API int model_noutputs(const struct model *m);
MODEL_API const char *model_output_name(const struct model *m, int i);
MODEL_API const char *model_output_type(const struct model *m, int i);
MODEL_API int model_output_rank(const struct model *m, int i);
MODEL_API const int64_t *model_output_shape(const struct model *m, int i);
MODEL_API size_t model_output_bytes(const struct model *m, int i);

/* How the last run went, for a model opened with options.trace: an event for
 * each rTask and each barrier, by launch, by vEU, in the order in which the vEU
 * ran them.  Times are us since the first began, by the device's clock (on a
 * GPU one of 32 ns or, on older ones, of 1 us). */
struct model_event {
	uint32_t rop;		/* rOperator, or UINT32_MAX: a barrier */
	uint32_t task, veu, launch;
	double arrived_us;	/* the vEU was there, */
	double begun_us;	/* had waited for what it needs, */
	double ended_us;	/* was done */
	int skipped;		/* its condition did not hold: nothing was run */
};

/* Fills at most room events; returns how many there are, 0 without trace. */
MODEL_API size_t model_trace(struct model *m, struct model_event *events,
                             size_t room);

/* The name of an rOperator, NULL if there is none of that number. */
MODEL_API const char *model_rop_name(const struct model *m, uint32_t rop);

/* What it runs on, in words, and how many vEUs work for it. */
MODEL_API const char *model_device(const struct model *m);
MODEL_API int model_veus(const struct model *m);

/* Every tensor, for tools: bytes as stored (layout: how, or NULL for
 * row-major).  model_tensor_read copies one to host memory. */
MODEL_API int model_ntensors(const struct model *m);
MODEL_API const char *model_tensor_name(const struct model *m, int i);
MODEL_API const char *model_tensor_type(const struct model *m, int i);
MODEL_API const char *model_tensor_layout(const struct model *m, int i);
MODEL_API int model_tensor_rank(const struct model *m, int i);
MODEL_API const int64_t *model_tensor_shape(const struct model *m, int i);
MODEL_API size_t model_tensor_bytes(const struct model *m, int i);
MODEL_API int model_tensor_read(struct model *m, int i, void *to);

#ifdef __cplusplus
}
#endif

#endif
